from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from patients.access import PatientRequest, patient_required


@patient_required
def act_for(request: PatientRequest, code: UUID) -> HttpResponse:
    return render(request, "base_phone.html")
