"""All addresses of this app: those of the phone here, those of the desk from its own list."""

from django.urls import URLPattern, path

from recovery.desk.urls import desk_patterns
from recovery.phone.act_for import act_for
from recovery.phone.advice import advice
from recovery.phone.automatic_calls import voice_step
from recovery.phone.calendar_feed import calendar_feed
from recovery.phone.care_messages import care_messages
from recovery.phone.emergency_card import emergency_card
from recovery.phone.help import help_page, save_look
from recovery.phone.history import history
from recovery.phone.incoming_texts import sms_reply
from recovery.phone.learn import learn
from recovery.phone.log.log_api import log_api
from recovery.phone.log.log_page import log
from recovery.phone.log.sealed_api import sealed_api
from recovery.phone.offline.facts_api import facts_api
from recovery.phone.offline.my_phones import my_phones
from recovery.phone.offline.offline_pages import log_shell, offline
from recovery.phone.offline.phone_api import phone_api
from recovery.phone.offline.service_worker import worker
from recovery.phone.plan import plan
from recovery.phone.reminders.my_reminders import my_reminders
from recovery.phone.today import people, today
from recovery.phone.turn import turn
from recovery.phone.visit import visit, visit_file

app_name = "recovery"

phone_patterns: list[URLPattern] = [
    path("today/", today, name="today"),
    path("log/", log, name="log"),
    path("log/shell/", log_shell, name="log_shell"),
    path("api/logs/", log_api, name="log_api"),
    path("api/facts/", facts_api, name="facts_api"),
    path("api/phone/", phone_api, name="phone_api"),
    path("api/sealed-logs/", sealed_api, name="sealed_api"),
    path("offline/", offline, name="offline"),
    path("sw.js", worker, name="worker"),
    path("log/<uuid:code>/advice/", advice, name="advice"),
    path("plan/", plan, name="plan"),
    path("history/", history, name="history"),
    path("learn/", learn, name="learn"),
    path("messages/", care_messages, name="care_messages"),
    path("card/", emergency_card, name="emergency_card"),
    path("visit/", visit, name="visit"),
    path("visit/visit.pdf", visit_file, name="visit_file"),
    path("help/", help_page, name="help"),
    path("help/look/", save_look, name="look"),
    path("people/", people, name="choose"),
    path("my/phones/", my_phones, name="my_phones"),
    path("my/turn/", turn, name="turn"),
    path("my/reminders/", my_reminders, name="my_reminders"),
    path("act-for/<uuid:code>/", act_for, name="act_for"),
]

urlpatterns = [
    *phone_patterns,
    *desk_patterns,
    path("hooks/sms/reply/", sms_reply, name="sms_reply"),
    path("hooks/voice/<slug:step>/", voice_step, name="voice_step"),
    path("calendar/<str:secret>.ics", calendar_feed, name="calendar_feed"),
]
