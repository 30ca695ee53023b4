"""Says what lm-eval thinks of fixed responses to IFEval's 541 prompts, and where it draws its verdict at random.

    pip install lm_eval==0.4.13 langdetect==1.0.9 nltk==3.10.4 immutabledict     # and nltk's data package punkt_tab
    python ifeval-verdicts.py IFEVAL.jsonl ALPACA.json HH.jsonl FILE

Each prompt has eight responses: one built to keep what it asks for, the same changed in two ways, and answers that people and models
gave to other questions (Alpaca's, hh-rlhf's), as they are and changed. FILE has a row for each: the instructions, the response, and
lm-eval's verdicts, strict and loose. Where lm-eval draws at random, the verdict is taken with ten seeds (langdetect's starting points)
or a hundred (a letter in the place of one that is none): `1`, `0`, or `01` where lm-eval does not agree with itself.
"""
import json, random, sys

import langdetect
from lm_eval.tasks.ifeval import utils

# Article 1 of the Universal Declaration of Human Rights, in the languages that IFEval asks for.
ARTICLE = {
    "ar": "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميراً وعليهم أن يعامل بعضهم بعضاً بروح الإخاء.",
    "bg": "Всички хора се раждат свободни и равни по достойнство и права. Те са надарени с разум и съвест и следва да се отнасят помежду си в дух на братство.",
    "bn": "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে। তাঁদের বিবেক এবং বুদ্ধি আছে।",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
    "fa": "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. همه دارای عقل و وجدان هستند و باید نسبت به یکدیگر با روح برادری رفتار کنند.",
    "fi": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä.",
    "gu": "પ્રતિષ્ઠા અને અધિકારોની દૃષ્ટિએ સર્વ માનવો જન્મથી સ્વતંત્ર અને સમાન હોય છે. તેમને વિચારશક્તિ અને અંતઃકરણ મળ્યાં છે.",
    "hi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
    "it": "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di coscienza e devono agire gli uni verso gli altri in spirito di fratellanza.",
    "kn": "ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ ಜನಿಸಿದ್ದಾರೆ ಹಾಗೂ ಘನತೆ ಮತ್ತು ಹಕ್ಕುಗಳಲ್ಲಿ ಸಮಾನರಾಗಿದ್ದಾರೆ.",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
    "mr": "सर्व मानवी व्यक्ती जन्मतःच स्वतंत्र आहेत व त्यांना समान प्रतिष्ठा व समान अधिकार आहेत. त्यांना विचारशक्ती व सदसद्विवेकबुद्धी लाभलेली आहे व त्यांनी एकमेकांशी बंधुत्वाच्या भावनेने आचरण करावे.",
    "ne": "सबै व्यक्तिहरू जन्मजात स्वतन्त्र हुन् ती सबैको समान अधिकार र महत्व छ। निजहरूमा विचार शक्ति र सद्विचार भएकोले निजहरूले आपसमा भ्रातृत्वको भावनाबाट व्यवहार गर्नु पर्छ।",
    "pa": "ਸਾਰਾ ਮਨੁੱਖੀ ਪਰਿਵਾਰ ਆਪਣੀ ਮਹਿਮਾ, ਸ਼ਾਨ ਅਤੇ ਹੱਕਾਂ ਦੇ ਪੱਖੋਂ ਜਨਮ ਤੋਂ ਹੀ ਆਜ਼ਾਦ ਹੈ ਅਤੇ ਸੁਤੇ ਸਿੱਧ ਸਾਰੇ ਲੋਕ ਬਰਾਬਰ ਹਨ।",
    "pt": "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, devem agir uns para com os outros em espírito de fraternidade.",
    "ru": "Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.",
    "sw": "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa. Wote wamejaliwa akili na dhamiri, hivyo yapasa watendeane kindugu.",
    "ta": "மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும் உரிமைகளிலும் சமமானவர்கள்.",
    "te": "ప్రతిపత్తిస్వత్వముల విషయమున మానవులెల్లరును జన్మతః స్వతంత్రులును సమానులును నగుదురు.",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ",
    "ur": "تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔ انہیں ضمیر اور عقل ودیعت ہوئی ہے۔ اس لئے انہیں ایک دوسرے کے ساتھ بھائی چارے کا سلوک کرنا چاہیئے۔",
    "vi": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi. Mọi con người đều được tạo hoá ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình anh em.",
}


def kept(prompt, names, arguments, text):
    """A response that is meant to keep to all of it, built on `text`; it need not succeed."""
    asked = dict(zip(names, arguments))

    def given(name, key):
        return (asked.get(name) or {}).get(key)

    sentences = [sentence.strip(" .") + "." for sentence in text.replace("\n", " ").split(". ") if sentence.strip(" .")] or ["It is so."]
    language = given("language:response_language", "language")
    if language:
        sentences = [ARTICLE.get(language, text)]
    count = given("length_constraints:number_sentences", "num_sentences")
    if count:
        wanted = count if given("length_constraints:number_sentences", "relation") == "at least" else count - 1
        sentences = [sentences[k % len(sentences)] for k in range(max(1, wanted))]
    body = " ".join(sentences)
    for word in given("keywords:existence", "keywords") or []:
        body += f" This is about {word}."
    word = given("keywords:frequency", "keyword")
    if word and given("keywords:frequency", "relation") == "at least":
        body += f" I say {word}." * given("keywords:frequency", "frequency")
    letter = given("keywords:letter_frequency", "letter")
    if letter and given("keywords:letter_frequency", "let_relation") == "at least":
        body += " " + (letter + " ") * given("keywords:letter_frequency", "let_frequency")
    capitals = given("change_case:capital_word_frequency", "capital_frequency")
    if capitals and given("change_case:capital_word_frequency", "capital_relation") == "at least":
        body += " AND SO" * (capitals // 2 + 1)
    words = given("length_constraints:number_words", "num_words")
    if words:
        some = body.split()
        if given("length_constraints:number_words", "relation") == "at least":
            body = " ".join(some[k % len(some)] for k in range(max(words, len(some))))
        else:
            body = " ".join(some[: words - 1])
    for word in given("keywords:forbidden_words", "forbidden_words") or []:
        body = body.replace(word, "it")
    places = given("detectable_content:number_placeholders", "num_placeholders") or 0
    body += "".join(f" [place {k}]" for k in range(places))
    body += "".join(f" *part {k}*" for k in range(given("detectable_format:number_highlighted_sections", "num_highlights") or 0))
    paragraphs = given("length_constraints:number_paragraphs", "num_paragraphs")
    if paragraphs:
        body = "\n***\n".join([body] + ["It goes on."] * (paragraphs - 1))
    nth = given("length_constraints:nth_paragraph_first_word", "nth_paragraph")
    if nth:
        parts = ["Here it goes on."] * asked["length_constraints:nth_paragraph_first_word"]["num_paragraphs"]
        parts[0] = body.replace("\n", " ")
        parts[nth - 1] = asked["length_constraints:nth_paragraph_first_word"]["first_word"] + " " + parts[nth - 1]
        body = "\n\n".join(parts)
    bullets = given("detectable_format:number_bullet_lists", "num_bullets")
    if bullets:
        body += "".join(f"\n* point {k}" for k in range(bullets))
    spliter = given("detectable_format:multiple_sections", "section_spliter")
    if spliter:
        body = "".join(f"{spliter} {k + 1}\n{body}\n" for k in range(asked["detectable_format:multiple_sections"]["num_sections"]))
    if "detectable_format:constrained_response" in asked:
        body = "My answer is maybe."
    if "detectable_format:json_format" in asked:
        body = "```json\n" + json.dumps({"answer": body}) + "\n```"
    if "detectable_format:title" in asked:
        body = "<<On this>>\n" + body
    if "combination:two_responses" in asked:
        body = body + "\n******\n" + body[: len(body) // 2]
    if "combination:repeat_prompt" in asked:
        body = asked["combination:repeat_prompt"]["prompt_to_repeat"] + "\n\n" + body
    marker = given("detectable_content:postscript", "postscript_marker")
    if marker:
        body += f"\n\n{marker} And so on."
    end = given("startend:end_checker", "end_phrase")
    if end:
        body += " " + end
    if "punctuation:no_comma" in asked:
        body = body.replace(",", "")
    if "change_case:english_capital" in asked:
        body = body.upper()
    if "change_case:english_lowercase" in asked:
        body = body.lower()
    return f'"{body}"' if "startend:quotation" in asked else body


def without_one(text, draw):
    """The same without one of its words, lines or characters."""
    separator = draw.choice([" ", "\n", ""])
    parts = text.split(separator) if separator else list(text)
    del parts[draw.randrange(len(parts))]
    return separator.join(parts)


def seeds(row):
    """How often lm-eval is asked."""
    if any(not some.get("letter", "a").isalpha() for some in row["kwargs"]):
        return 100
    return 10 if any(name.startswith(("language:", "change_case:english")) for name in row["instructions"]) else 1


prompts = [json.loads(line) for line in open(sys.argv[1])]
alpaca = [row["output"] for row in json.load(open(sys.argv[2])) if len(row["output"].split()) > 8]
hh = [json.loads(line)["chosen"].split("\n\nAssistant:")[-1].strip() for line in open(sys.argv[3])]
hh = [text for text in hh if len(text.split()) > 8]
draw = random.Random(20261126)
rows = []
for prompt in prompts:
    names = prompt["instruction_id_list"]
    arguments = [{key: value for key, value in some.items() if value is not None} for some in prompt["kwargs"]]
    fitting = kept(prompt["prompt"], names, arguments, draw.choice(alpaca))
    other = kept(prompt["prompt"], names, arguments, draw.choice(hh))
    responses = [
        fitting, without_one(fitting, draw), f"Sure! Here it is:\n\n**{other}**\n\nI hope that this helps.", other,
        draw.choice(alpaca), draw.choice(hh), draw.choice([str.upper, str.lower])(draw.choice(alpaca)), without_one(draw.choice(hh), draw),
    ]
    rows += [{"key": prompt["key"], "prompt": prompt["prompt"], "instructions": names, "kwargs": arguments, "response": text} for text in responses]
for row in rows:
    row["strict"], row["loose"] = ([set() for _ in row["instructions"]] for _ in range(2))
    for seed in range(seeds(row)):
        langdetect.DetectorFactory.seed = seed
        random.seed(seed)
        example = utils.InputExample(row["key"], row["instructions"], row["prompt"], row["kwargs"])
        for kind, check in (("strict", utils.test_instruction_following_strict), ("loose", utils.test_instruction_following_loose)):
            for verdicts, verdict in zip(row[kind], check(example, row["response"]).follow_instruction_list):
                verdicts.add("01"[bool(verdict)])
    for kind in ("strict", "loose"):
        row[kind] = ["".join(sorted(verdicts)) for verdicts in row[kind]]
with open(sys.argv[4], "w") as file:
    for row in rows:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
