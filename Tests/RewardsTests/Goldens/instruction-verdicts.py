"""Writes instruction-verdicts.json: lm-eval's verdicts on responses of our own.

    pip install lm_eval==0.4.13 langdetect==1.0.9 nltk==3.10.4 immutabledict     # and nltk's data package punkt_tab
    python instruction-verdicts.py > instruction-verdicts.json

Every instruction is held against every response. A verdict is `0` or `1`, a string of them has one for each response.
"""
import json, os, sys, types

if os.environ.get("LM_EVAL_FOLDER"):  # the unpacked wheel, where the whole of lm-eval is not installed
    for name in ("lm_eval", "lm_eval.tasks", "lm_eval.tasks.ifeval"):
        module = types.ModuleType(name)
        module.__path__ = [os.path.join(os.environ["LM_EVAL_FOLDER"], name.replace(".", "/"))]
        sys.modules[name] = module
import langdetect

langdetect.DetectorFactory.seed = 0
from lm_eval.tasks.ifeval import utils

RIVER = "The river runs through the old town. Boats wait at its banks, and people sit in the sun."
RESPONSES = [
    RIVER,
    RIVER.upper(),
    RIVER.lower(),
    '"' + RIVER + '"',
    "Sure, here it is:\n" + RIVER.lower() + "\nI hope that this helps!",
    "Say hello to the river.\n\n" + RIVER,
    "* one\n* two\n- three\n  * four\n** not one\n",
    "*\n\n - a\n\n\n* b *c* and **d**",
    "**Bold** and *light* and ** ** and *** and **two\nlines**",
    "<<The river>>\n" + RIVER,
    "<< >>\n<<<River>",
    "<<>> nothing >>",
    '{"river": ["Elbe", "Main"], "length": 1.1e3, "flows": true, "ends": null}',
    '```json\n{"a": [1, {"b": {}}], "a": NaN}\n```',
    '```\n["a", ]\n```',
    "[1, 2",
    "My answer is yes.",
    "I think that my answer is No. My answer is maybe. Or not.",
    "First one.\n******\nSecond one.",
    "Same\n******\nSame",
    "One ****** two ****** three",
    "******\na\n******\nb\n******",
    "One\n***\nTwo\n***\nThree",
    "***\nOne *** Two\n***",
    "First paragraph.\n\n'Second, paragraph'\n\nThird.",
    "First\n\n\n\nsecond thing\n\nthird",
    "Section 1\ntext\nSection 2\ntext\n\nSECTION 3 SECTION4",
    "Dear [name], you live in [city] [ street\n].[]",
    "It is done.\nP.S. It was easy.\np. p. s nothing",
    "It is done. PS: it was easy. P.P.S it was not.",
    "Dr. Smith of the U.S. Senate met Mr. J. Bach at 3 p.m. He said hi... Then he left! Did he? \"Yes.\" (Really.) No",
    "1. The first. 2. the second. 3. Third e.g. this one, i.e. that. Prices rose 3.5 percent in Nov. Since then, etc. They fell.",
    "Wait . . . what?! Oh -- no. 'It ended.' she said. And U.N. officials agreed, vs. Mr. A. Lincoln Inc. It is so.",
    "I'LL say it's NOT WELL-KNOWN; they CAN'T, CANNOT, and I'm GONNA go to NASA/ESA. A B-2 'TWAS O'CLOCK.",
    "THE END. Any other questions?",
    "the end.  Any Other Questions?\"",
    "Der Fluss fließt durch die alte Stadt, und die Menschen sitzen am Ufer in der Sonne und warten auf das Boot.",
    "La rivière traverse la vieille ville, et les gens sont assis au soleil sur ses rives en attendant le bateau.",
    "El río atraviesa la ciudad vieja y la gente se sienta al sol en sus orillas mientras espera el barco.",
    "Река течёт через старый город, люди сидят на берегу и ждут лодку, потому что сегодня хорошая погода.",
    "Річка тече через старе місто, люди сидять на березі й чекають на човен, бо сьогодні гарна погода.",
    "नदी पुराने शहर से होकर बहती है और लोग धूप में उसके किनारे बैठकर नाव का इंतज़ार करते हैं।",
    "河水流过古老的城市，人们坐在岸边晒太阳，等着船来。",
    "川は古い町を流れ、人々は岸に座って船を待っています。",
    "강은 오래된 도시를 지나 흐르고 사람들은 강가에 앉아 배를 기다립니다.",
    "النهر يجري عبر المدينة القديمة والناس يجلسون على ضفافه في الشمس وينتظرون القارب.",
    "Mto unapita katikati ya mji wa kale na watu wanakaa kwenye jua wakisubiri mashua yao.",
    "Dòng sông chảy qua thành phố cổ và mọi người ngồi bên bờ dưới ánh nắng chờ thuyền.",
    "   \n\t ",
    "",
    "12 345 67",
    "river " * 12 + "\n" + "boats, " * 4,
    "École Straße ǅ ﬁ ΑΒΓ Δ",
]
INSTRUCTIONS = [
    ("keywords:existence", {"keywords": ["river", "Boat"]}),
    ("keywords:frequency", {"keyword": "river", "frequency": 2, "relation": "at least"}),
    ("keywords:frequency", {"keyword": " the ", "frequency": 2, "relation": "less than"}),
    ("keywords:forbidden_words", {"forbidden_words": ["boat", "one", "river"]}),
    ("keywords:letter_frequency", {"letter": "T", "let_frequency": 6, "let_relation": "at least"}),
    ("keywords:letter_frequency", {"letter": "e", "let_frequency": 4, "let_relation": "less than"}),
] + [("language:response_language", {"language": code}) for code in "en de fr es ru uk hi ja ko ar sw vi".split()] + [
    ("length_constraints:number_sentences", {"num_sentences": count, "relation": "at least"}) for count in (2, 3, 4, 5, 6, 7)
] + [
    ("length_constraints:number_sentences", {"num_sentences": 3, "relation": "less than"}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 3}),
    ("length_constraints:number_words", {"num_words": 18, "relation": "at least"}),
    ("length_constraints:number_words", {"num_words": 12, "relation": "less than"}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 3, "nth_paragraph": 2, "first_word": "Second"}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "say"}),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}),
    ("detectable_content:number_placeholders", {"num_placeholders": 3}),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 3}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 4}),
    ("detectable_format:constrained_response", {}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 1}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 3}),
    ("detectable_format:multiple_sections", {"section_spliter": "Section", "num_sections": 2}),
    ("detectable_format:multiple_sections", {"section_spliter": "SECTION", "num_sections": 2}),
    ("detectable_format:json_format", {}),
    ("detectable_format:title", {}),
    ("combination:two_responses", {}),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say hello to the river."}),
    ("startend:end_checker", {"end_phrase": "Any other questions?"}),
] + [
    ("change_case:capital_word_frequency", {"capital_frequency": count, "capital_relation": "at least"}) for count in (1, 2, 5, 14, 15)
] + [
    ("change_case:capital_word_frequency", {"capital_frequency": 2, "capital_relation": "less than"}),
    ("change_case:english_capital", {}),
    ("change_case:english_lowercase", {}),
    ("punctuation:no_comma", {}),
    ("startend:quotation", {}),
]


def verdicts(check, name, arguments):
    return "".join(
        "01"[check(utils.InputExample(0, [name], "", [arguments]), response).follow_all_instructions] for response in RESPONSES)


json.dump({
    "responses": RESPONSES,
    "instructions": [{
        "id": name, "kwargs": arguments,
        "strict": verdicts(utils.test_instruction_following_strict, name, arguments),
        "loose": verdicts(utils.test_instruction_following_loose, name, arguments),
    } for name, arguments in INSTRUCTIONS],
}, sys.stdout, ensure_ascii=False, indent=1)
print()
