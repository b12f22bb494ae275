from django.urls import path

from alerts.views.contacts import contacts
from alerts.views.demo_outbox import demo_outbox
from alerts.views.events import events
from alerts.views.oncall import oncall, remove_shift
from alerts.views.policy import policy
from alerts.views.sms_hooks import sms_reply, sms_status

app_name = "alerts"
urlpatterns = [
    path("events/board/", events, name="events"),
    path("desk/policy/", policy, name="policy"),
    path("desk/oncall/", oncall, name="oncall"),
    path("desk/oncall/<int:pk>/remove/", remove_shift, name="oncall_remove"),
    path("desk/me/contacts/", contacts, name="contacts"),
    path("hooks/sms/status/", sms_status, name="sms_status"),
    path("hooks/sms/reply/", sms_reply, name="sms_reply"),
    path("outbox/", demo_outbox, name="demo_outbox"),
]
