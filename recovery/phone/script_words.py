"""The sentences that scripts say (static/js/words.js), marked so that they are translated with those of pages."""

from django.utils.translation import gettext_noop as _

SAID_BY_SCRIPTS = (
    _("Please answer: {question}"),
    _("Type only a whole number."),
    _("Type only a number, like 98.6."),
    _("Type a number from {low} to {high}."),
    _("Please tell us more: {question}"),
    _("This came with two answers. Please give one."),
    _("Tell us both: the strength on the box and how many pills."),
    _("That number looks off. Please check it. If it is right, press Send again."),
    _("Please check your answers"),
    _("One thing to put right. Choose it to go there."),
    _("{number} things to put right. Choose one to go there."),
    _("This phone can no longer read what was written."),
    _("That did not work. Try once more, or use a code."),
    _("See all of it"),
    _("Your log of {time}"),
    _("Your log about {name} of {time}"),
    _("Call 911 now"),
    _("Call your doctor now"),
    _("Go to the ER now"),
    _("What to do now"),
    _("App default, not from the documents"),
)
