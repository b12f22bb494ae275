from django.urls import path

from alerts.views.demo_outbox import demo_outbox
from alerts.views.events import events
from alerts.views.oncall import oncall, remove_shift
from alerts.views.policy import policy

app_name = "alerts"
urlpatterns = [
    path("events/board/", events, name="events"),
    path("desk/policy/", policy, name="policy"),
    path("desk/oncall/", oncall, name="oncall"),
    path("desk/oncall/<int:pk>/remove/", remove_shift, name="oncall_remove"),
    path("outbox/", demo_outbox, name="demo_outbox"),
]
