"""The addresses of the pages of this app."""

from django.urls import path

from patients.views.card import card, card_file
from patients.views.consents import consents
from patients.views.enroll import enroll
from patients.views.hello import hello
from patients.views.helpers import caregivers, my_helpers
from patients.views.ice import ice
from patients.views.import_file import import_columns, import_file
from patients.views.import_sheet import (
    import_cards,
    import_check,
    import_fix,
    import_forget,
    import_sheet,
    import_start,
    import_wrong_rows,
)
from patients.views.jobs import cancel_job, job, jobs
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
    path("desk/import/", import_file, name="import_file"),
    path("desk/import/<uuid:code>/", import_sheet, name="import_sheet"),
    path("desk/import/<uuid:code>/columns/", import_columns, name="import_columns"),
    path("desk/import/<uuid:code>/check/", import_check, name="import_check"),
    path("desk/import/<uuid:code>/fix/", import_fix, name="import_fix"),
    path("desk/import/<uuid:code>/start/", import_start, name="import_start"),
    path("desk/import/<uuid:code>/delete/", import_forget, name="import_forget"),
    path("desk/import/<uuid:code>/rows-to-fix.csv", import_wrong_rows, name="import_wrong_rows"),
    path("desk/import/<uuid:code>/cards/", import_cards, name="import_cards"),
    path("desk/jobs/", jobs, name="jobs"),
    path("desk/jobs/<uuid:code>/", job, name="job"),
    path("desk/jobs/<uuid:code>/cancel/", cancel_job, name="cancel_job"),
    path("desk/patients/<uuid:code>/card/", card, name="card"),
    path("desk/patients/<uuid:code>/card.pdf", card_file, name="card_file"),
    path("desk/patients/<uuid:code>/record/", record, name="record"),
    path("desk/patients/<uuid:code>/settings/", overrides, name="overrides"),
    path("desk/patients/<uuid:code>/helpers/", caregivers, name="caregivers"),
    path("desk/staff/", staff, name="staff"),
    path("desk/way-back/", way_back, name="way_back"),
]
