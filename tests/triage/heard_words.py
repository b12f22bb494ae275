# ruff: noqa: E501
"""What tells a wrong in the hearing of words from none: found by trying each wrong on 11,000 made-up texts.

Each is (note, question for the team, written by a helper). "zzz" is a word no table knows. Most are no sentences:
they put marks and signs exactly as far apart as one of the rules reaches.
"""

Case = tuple[str | None, str | None, bool]

HEARD: list[Case] = [
    ("I have no numbness. numb toes", None, False),
    (
        "hairdresser 100.4 zzz zzz zzz on zzz thermometer or zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz. wetting themselves didnt last",
        None,
        False,
    ),
    (
        "band around belly unable zzz rouse sac sangre\nfeets zzz zzz zzz stops respond\nit disappeared",
        None,
        False,
    ),
    ("when do we empting bottle or myself; nasty zzz falls", None, False),
    ("zzz, couldnt lift arm or these red itchy denied", None, False),
    (
        "no zzz zzz zzz zzz puedes zzz zzz zzz levantar pierna, not, stabs zzz buttocks or left side zzz gone. hurting down leging",
        None,
        False,
    ),
    ("I can no longer move my leg", None, False),
    ("come quicking throat zzz closes neither. blood zzz zzz zzz zzz zzz soaking - 2100", None, False),
    ("no fever but chest pain", None, False),
    ("what causes peed since\ntoppled; gotten over bottle zzz of doses", None, False),
    ("back in 2015 temps zzz 101 nor", None, False),
    (
        "didnt zzz zzz zzz know full preocuparme por blood zzz towel zzz zzz zzz coughs zzz zzz zzz zzz zzz zzz zzz - at one time",
        None,
        False,
    ),
    ("hizo zzz zzz zzz popo these\nlosing strength", None, False),
    ("zzz zzz zzz zzz not zzz gone, new zzz zzz zzz agony or", None, False),
    ("would zzz zzz zzz rather zzz zzz zzz not zzz wake - somebody call zzz zzz", None, False),
    ("mixed up opioid\nreading zzz on bump zzz zzz zzz zzz zzz walnut having reaction zzz", None, False),
    ("110.1f", None, False),
    ("bleed lot; do if im legs pains hive", None, False),
    ("jolt pain. vision went or months back\nnone of whelps", None, False),
    ("auntie\ncovered in zzz zzz spots zzz zzz zzz zzz about to die", None, False),
    ("nothing there thigh. no feeling zzz zzz zzz zzz zzz bladder cause", None, False),
    ("fever 1930", None, False),
    ("no to, shes zzz confus", None, False),
    ("keeps last spring one zzz hundred two", None, False),
    ("negative for\nkant feel pedal months back", None, False),
    ("she zzz zzz zzz zzz not making zzz sense funeral. i keep sister zzz outta it", None, False),
    ("38f", None, False),
    ("110f", None, False),
    ("43.4f", None, False),
    ("43.3f", None, False),
    ("hay fever", None, False),
    ("rayos trono", None, False),
    ("strength gone", None, False),
    ("disorient\nuntill", None, True),
    ("suiside - untill her", None, False),
    ("fainted sarpullids no", None, False),
    ("roommate though lump - ive", None, False),
    ("cant not isnt worth zzz living", None, False),
    ("took 90 tylenol instead zzz zzz zzz", None, False),
    ("landed hard - unable zzz wake son - nurse", None, False),
    ("took 3 morphine instead, no to opening gunks", None, True),
    ("breaking zzz zzz zzz out; not feeling any wrong meds", None, True),
    ("not gone. must zzz we zzz worried zzz zzz if coughs rusts", None, True),
    ("number two accident ahora. zzz zzz zzz zzz nothing like cold down there", None, False),
    ("what to do zzz in he zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz zzz til\nair isnt", None, True),
    ("my chest ahing", None, False),
    ("no fever, chills. Or so", None, False),
    ("no fever zzz zzz zzz until last night", None, False),
    ("my neighbor legs wont hold me", None, False),
    ("call 911 doctor if worse", None, False),
    ("what about came back swell", None, False),
]
