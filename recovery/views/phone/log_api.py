from django.http import HttpResponse
from django.shortcuts import render

from patients.access import PatientRequest, patient_required


@patient_required
def log_api(request: PatientRequest) -> HttpResponse:
    return render(request, "base_phone.html")
