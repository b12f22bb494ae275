from django.urls import path

from alerts.views.contacts import contacts
from alerts.views.deliveries import deliveries, delivery_replay, delivery_retry
from alerts.views.demo_outbox import demo_outbox
from alerts.views.devices import push_worker
from alerts.views.events import events
from alerts.views.oncall import answer_offer, oncall, remove_shift
from alerts.views.policy import policy
from alerts.views.shift import shift_page
from alerts.views.shift_end import end_of_shift, note_read
from alerts.views.sms_hooks import sms_status
from alerts.views.staff_calls import staff_call
from alerts.views.staff_change import staff_change
from alerts.views.voice_hooks import voice_status
from alerts.views.waiting import waiting
from alerts.views.webhooks import webhooks

app_name = "alerts"
urlpatterns = [
    path("events/board/", events, name="events"),
    path("desk/waiting/", waiting, name="waiting"),
    path("desk/policy/", policy, name="policy"),
    path("desk/oncall/", oncall, name="oncall"),
    path("desk/oncall/hand-over/", end_of_shift, name="oncall_hand_over"),
    path("desk/oncall/hand-over/<int:pk>/read/", note_read, name="oncall_note_read"),
    path("desk/oncall/offers/<int:pk>/", answer_offer, name="oncall_offer"),
    path("desk/oncall/<int:pk>/", shift_page, name="oncall_shift"),
    path("desk/oncall/<int:pk>/remove/", remove_shift, name="oncall_remove"),
    path("desk/staff/change/", staff_change, name="staff_change"),
    path("desk/me/contacts/", contacts, name="contacts"),
    path("desk/push-sw.js", push_worker, name="push_worker"),
    path("my/reminders/push/worker.js", push_worker, name="phone_push_worker"),
    path("desk/webhooks/", webhooks, name="webhooks"),
    path("desk/deliveries/", deliveries, name="deliveries"),
    path("desk/deliveries/<int:pk>/retry/", delivery_retry, name="delivery_retry"),
    path("desk/deliveries/<int:pk>/replay/", delivery_replay, name="delivery_replay"),
    path("hooks/sms/status/", sms_status, name="sms_status"),
    path("hooks/voice/status/", voice_status, name="voice_status"),
    path("hooks/voice/staff/", staff_call, name="staff_call"),
    path("outbox/", demo_outbox, name="demo_outbox"),
]
