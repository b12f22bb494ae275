"""A form to send, and a list to read."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from bench.bare.models import PAINS, SIGNS, WORDS, Log

ROWS = 50


class LogForm(forms.ModelForm):
    class Meta:
        model = Log
        fields = [*PAINS, *SIGNS, *WORDS]


@login_required
def log(request: HttpRequest) -> HttpResponse:
    """Check the form, store the row, go on."""
    form = LogForm(request.POST or None)
    if form.is_valid():
        form.instance.author = request.user
        form.save()
        return redirect("/list/")
    return render(request, "bare/log.html", {"form": form}, status=422 if request.POST else 200)


@login_required
def newest(request: HttpRequest) -> HttpResponse:
    """The newest rows, by an index."""
    rows = Log.objects.select_related("author").order_by("-at", "-id")[:ROWS]
    return render(request, "bare/list.html", {"rows": rows})


urlpatterns = [path("log/", log), path("list/", newest)]
