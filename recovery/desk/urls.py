"""The addresses of the desk."""

from django.urls import URLPattern, path

from recovery.desk.alert.act_page import act
from recovery.desk.alert.alert_actions import acknowledge, alert_page, contact, hand_over, resolve, snooze
from recovery.desk.chart.chart_page import chart
from recovery.desk.chart.plan_date_page import plan_date
from recovery.desk.desk_look import desk_look
from recovery.desk.figures.figures_page import figures, figures_csv, figures_xlsx
from recovery.desk.figures.people_page import figures_people
from recovery.desk.figures.rtm_page import rtm, rtm_csv, rtm_xlsx
from recovery.desk.patient.before_procedure import before
from recovery.desk.patient.care_message import care_message
from recovery.desk.patient.discharge import discharge, discharge_file
from recovery.desk.patient.log_by_phone import log_by_phone
from recovery.desk.patient.patient_contacts import hospital, patient_contact
from recovery.desk.patient.patient_phones import phones
from recovery.desk.patient.roster import roster
from recovery.desk.records.access_log_page import access_log, access_log_csv
from recovery.desk.records.record_file import record_file
from recovery.desk.rule_book.clinic_settings_page import settings_page
from recovery.desk.rule_book.replay_page import rules_replay
from recovery.desk.rule_book.rule_book_page import rules
from recovery.desk.status.status_page import status
from recovery.desk.worklist.after_restore import confirm_records
from recovery.desk.worklist.shift_sheet import shift_sheet
from recovery.desk.worklist.silence_work import silence
from recovery.desk.worklist.worklist_page import worklist, worklist_rows

desk_patterns: list[URLPattern] = [
    path("desk/", worklist, name="worklist"),
    path("desk/rows/", worklist_rows, name="worklist_rows"),
    path("desk/shift-sheet/", shift_sheet, name="shift_sheet"),
    path("desk/records/<uuid:code>/confirm/", confirm_records, name="confirm_records"),
    path("desk/me/look/", desk_look, name="desk_look"),
    path("desk/figures/", figures, name="figures"),
    path("desk/figures/figures.csv", figures_csv, name="figures_csv"),
    path("desk/figures/figures.xlsx", figures_xlsx, name="figures_xlsx"),
    path("desk/figures/people/", figures_people, name="figures_people"),
    path("desk/figures/rtm/", rtm, name="rtm"),
    path("desk/figures/rtm/rtm.csv", rtm_csv, name="rtm_csv"),
    path("desk/figures/rtm/rtm.xlsx", rtm_xlsx, name="rtm_xlsx"),
    path("desk/access/", access_log, name="access_log"),
    path("desk/access/access-log.csv", access_log_csv, name="access_log_csv"),
    path("desk/rules/", rules, name="rules"),
    path("desk/rules/replay/", rules_replay, name="rules_replay"),
    path("status/", status, name="status"),
    path("desk/before/", before, name="before"),
    path("desk/rules/settings/", settings_page, name="settings"),
    path("desk/patients/", roster, name="roster"),
    path("desk/patients/<uuid:code>/", chart, name="chart"),
    path("desk/patients/<uuid:code>/act/", act, name="act"),
    path("desk/patients/<uuid:code>/plan/<slug:key>/", plan_date, name="plan_date"),
    path("desk/patients/<uuid:code>/home/", discharge, name="discharge"),
    path("desk/patients/<uuid:code>/home.pdf", discharge_file, name="discharge_file"),
    path("desk/patients/<uuid:code>/contact/", patient_contact, name="patient_contact"),
    path("desk/patients/<uuid:code>/messages/", care_message, name="care_message"),
    path("desk/patients/<uuid:code>/hospital/", hospital, name="hospital"),
    path("desk/patients/<uuid:code>/log/", log_by_phone, name="log_by_phone"),
    path("desk/patients/<uuid:code>/silence/", silence, name="silence"),
    path("desk/patients/<uuid:code>/record.json", record_file, name="record_file"),
    path("desk/patients/<uuid:code>/phones/", phones, name="phones"),
    path("desk/alerts/<uuid:code>/", alert_page, name="alert"),
    path("desk/alerts/<uuid:code>/acknowledge/", acknowledge, name="acknowledge"),
    path("desk/alerts/<uuid:code>/contact/", contact, name="contact"),
    path("desk/alerts/<uuid:code>/resolve/", resolve, name="resolve"),
    path("desk/alerts/<uuid:code>/hand-over/", hand_over, name="hand_over"),
    path("desk/alerts/<uuid:code>/snooze/", snooze, name="snooze"),
]
