"""Sentences and what stands in them, read by hand: the oracle's ears. Nothing of the engine is used here.

The value names the 911 and the doctor-now concepts that stand, and self-harm; the same for a patient and a helper.
"""

NOTHING: tuple[str, ...] = ()
OF_911 = {
    "breath", "chest", "passed_out", "cough_blood", "leg_move", "throat", "stroke", "hard_to_wake",
    "too_many_pills", "cry_for_help",
}  # fmt: skip
SELF_HARM = "self_harm"

# The words the oracle's logs are filled with.
NOTES: dict[str, tuple[str, ...]] = {
    "I have chest pain now": ("chest",),
    "No chest pain": NOTHING,
    "I can\u2019t breathe well": ("breath",),
    "Did not faint. I fainted this morning": ("passed_out",),
    "I never had a fever but now chills": ("fever",),
    "My number is on the fridge; I push the cart": NOTHING,
    "PUS on the cloth!": ("wound",),
    "no, not at all, and today it feels numb": ("numb",),
    "no pain at all anywhere today, some tingling": ("numb",),
    "I have no numbness. numb toes": ("numb",),
    "short of\nbreath": ("breath",),
    "short  of breath": ("breath",),
    "chest-pain": ("chest",),
    "isn\u2019t numb": NOTHING,
    "denies fever? fever": ("fever",),
    "without any red streak": NOTHING,
    "I soiled myself": ("bowel",),
    "my fever's back": ("fever",),
    "leg weak": ("weak",),
    "": NOTHING,
    " \n\t": NOTHING,
    "I want to die": (SELF_HARM,),
    "I do not want to die": NOTHING,
    "I fell and hit my head, and my chest hurts": ("chest", "fall"),
}

# More of them: what denies, what only looks so, how far it reaches, what is calm.
MORE: dict[str, tuple[str, ...]] = {
    "Now I can\u2019t breathe": ("breath",),
    "I do not have chest pain": NOTHING,
    "Chest pain": ("chest",),
    "paralyzed": ("leg_move",),
    "when may I swim": NOTHING,
    "no pain at all now. numb foot": ("numb",),
    "the number of pushes": NOTHING,
    "fever": ("fever",),
    "never in any of those times fever": NOTHING,
    "never in any of all those times fever": ("fever",),
    "no fever, chills": ("fever",),
    "no fever, chills or chest pain": NOTHING,
    "no fever, chills nor chest pain": NOTHING,
    "no chest pain until last night": ("chest",),
    "no fever but chest pain": ("chest",),
    "no fever however chest pain": ("chest",),
    "no fever though chest pain": ("chest",),
    "no fever, although chest pain": ("chest",),
    "no fever except chills": ("fever",),
    "not yet a fever": ("fever",),
    "no fever still numb": ("numb",),
    "no fever because chest pain": ("chest",),
    "no fever just chest pain": ("chest",),
    "no fever only chest pain": ("chest",),
    "no fever now chest pain": ("chest",),
    "no fever. chest pain": ("chest",),
    "no fever! chest pain": ("chest",),
    "no fever? chest pain": ("chest",),
    "no fever; chest pain": ("chest",),
    "no\nfever": ("fever",),
    "not sure if it is chest pain": ("chest",),
    "not certain but chest pain": ("chest",),
    "I don't know, chest pain": ("chest",),
    "do not know why my chest hurts": ("chest",),
    "no idea why my leg is numb": ("numb",),
    "I can no longer move my leg": ("leg_move",),
    "not only a fever": ("fever",),
    "no doubt a fever": ("fever",),
    "no better, fever": ("fever",),
    "no change, numb": ("numb",),
    "not better chest pain": ("chest",),
    "fever not gone": ("fever",),
    "not feeling right short of breath": ("breath",),
    "no matter what I do my leg is numb": ("numb",),
    "denies fever": NOTHING,
    "didn't faint": NOTHING,
    "dont have a fever": NOTHING,
    "havent had chest pain": NOTHING,
    "isnt numb": NOTHING,
    "wasnt short of breath": NOTHING,
    "without fever": NOTHING,
    "no fever nor chills": NOTHING,
    "temp 100.4": ("fever",),
    "temp 100.3": NOTHING,
    "38.0 C": ("fever",),
    "37.9 C": NOTHING,
    "my temperature is 101,2": ("fever",),
    "101.2\u00b0F": ("fever",),
    "walked 105 steps": NOTHING,
    "c\u0336hest pain": ("chest",),
    "\uff23\uff28\uff25\uff33\uff34 pain": ("chest",),
    "chest\u200b pa\u00adin": ("chest",),
    "ch\u00e9st p\u00e0in": ("chest",),
    "hay fever": NOTHING,
    "the numbing shot wore off": NOTHING,
    "my neighbor has a fever": NOTHING,
    "what do I do if I get chest pain": NOTHING,
    "my chest pain was in 2015": NOTHING,
    "my chest pain was in 2015 and came back today": ("chest",),
    "I used to want to kill myself": (SELF_HARM,),
    "should I kill myself?": (SELF_HARM,),
    "I would never kill myself": NOTHING,
    "tengo fiebre": ("fever",),
    "me duele el pecho": ("chest",),
    "quiero morir": (SELF_HARM,),
}

STANDS = NOTES | MORE


def said(texts: list[str | None], cleared: set[str]) -> tuple[set[str], set[str], bool]:
    """What the rules hear in these texts: 911, doctor-now, self-harm; `cleared` does not count, but self-harm."""
    standing = {concept for text in texts if text is not None for concept in STANDS[text]}
    urgent = standing & OF_911
    return urgent - cleared, standing - OF_911 - {SELF_HARM} - cleared, SELF_HARM in standing
