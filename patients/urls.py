"""The addresses of the pages of this app."""

from django.urls import path

from patients.views.card import card
from patients.views.consents import consents
from patients.views.enroll import enroll
from patients.views.hello import hello
from patients.views.helpers import caregivers, my_helpers
from patients.views.ice import ice
from patients.views.language import language
from patients.views.my_calendar import my_calendar
from patients.views.number import number
from patients.views.overrides import overrides
from patients.views.passkeys import add_passkey, own_passkeys
from patients.views.record import record
from patients.views.show_again import show_again, show_code
from patients.views.sign_in import enter_code, send_again, send_code, start_again
from patients.views.staff import staff
from patients.views.travel import travel
from patients.views.way_back import way_back

app_name = "patients"
urlpatterns = [
    path("language/", language, name="language"),
    path("sign-in/", start_again, name="start_again"),
    path("sign-in/code/", send_code, name="send_code"),
    path("sign-in/code/enter/", enter_code, name="enter_code"),
    path("sign-in/code/again/", send_again, name="send_again"),
    path("my/sign-in/", own_passkeys, name="passkeys"),
    path("my/sign-in/add/", add_passkey, name="passkey_add"),
    path("my/show-again/", show_again, name="show_again"),
    path("my/show-again/code/", show_code, name="show_again_code"),
    path("hello/<uuid:token>/", hello, name="hello"),
    path("my/helpers/", my_helpers, name="my_helpers"),
    path("my/messages/", consents, name="consents"),
    path("my/number/", number, name="number"),
    path("my/ice/", ice, name="ice"),
    path("my/calendar/", my_calendar, name="my_calendar"),
    path("my/travel/", travel, name="travel"),
    path("desk/enroll/", enroll, name="enroll"),
    path("desk/patients/<uuid:code>/card/", card, name="card"),
    path("desk/patients/<uuid:code>/record/", record, name="record"),
    path("desk/patients/<uuid:code>/settings/", overrides, name="overrides"),
    path("desk/patients/<uuid:code>/helpers/", caregivers, name="caregivers"),
    path("desk/staff/", staff, name="staff"),
    path("desk/way-back/", way_back, name="way_back"),
]
