// Written by Tests/RewardsTests/Goldens/instruction-figures.py.

extension SentenceFigures {
  /// What may end in a full stop within a sentence.
  static let abbreviations = words(
    """
    . .  a.a a.c a.d a.g a.h a.m a.m.e a.s a.t adm ala ariz aug ave b.f b.v bros c c.i.t c.o.m\
    .b c.v calif chg cie co col colo conn corp cos ct d d.c d.h d.w dec dr e e.f e.h e.l e.m f\
     f.g f.j feb fla fri ft g g.d g.f g.k ga gen h h.c h.f h.m i.m.s ill inc j.b j.c j.j j.k j\
    .p j.r jan jr k kan ky l l.a l.f l.p lt ltd m m.b.a m.d.c m.j maj messrs mg mich minn mr m\
    rs ms n n.c n.d n.h n.j n.m n.v n.y nev nov oct ok okla ore p p.a.m p.m pa ph.d prof r r.a\
     r.h r.i r.j r.k r.t rep reps s s.a s.a.y s.c s.g s.p.a s.s sen sep sept sr st sw t t.j te\
    nn tues u.k u.n u.s u.s.a u.s.s.r v va vs vt w w.c w.r w.va w.w wash wed wis yr
    """)

  /// Capitalized, they begin a sentence even behind an abbreviation.
  static let starters = words(
    """
    according although among both but despite even he however i if in indeed instead it many m\
    eanwhile moreover most nevertheless nonetheless nor sales separately similarly since so so\
    me the there these they this though thus under when while yet
    """)

  /// A word before a full stop and the word behind it that belongs to it, in turn.
  static let collocationList = wordList(
    """
    ##number## abreast ##number## aes ##number## business ##number## cbot ##number## colgate #\
    #number## commodities ##number## cooper ##number## corrections ##number## credit ##number#\
    # dividend ##number## financing ##number## genentech ##number## henley ##number## insider \
    ##number## international ##number## leisure ##number## letters ##number## notable ##number\
    ## pay-fone ##number## pegasus ##number## pepper ##number## review ##number## rj ##number#\
    # wedgestone ##number## who ##number## zimmer b edelman b levine b smith b stewart b wigto\
    n i magnin i toussie j aron j fialka j walter o ludcke
    """)

  /// Words that are in capitals at a sentence's beginning only.
  static let commonWords = words(
    """
    able above accessible accurate achieve actions active adding addition address adjust adven\
    ture allow allowing allows along already always amount analysis animal animals animation a\
    nything application applications apply approach appropriate approximately architecture arr\
    ay article artificial ask asking aspects atmosphere attention audience author available aw\
    areness bags basic beans became become begin behavior behind being believe better between \
    bit blood body box brain branch brand bread break bright build built businesses butter cal\
    culate call camera candidate cannot car carbon cause certainly certificates challenge chal\
    lenges challenging character characters check checking cheese choice choose chopped climat\
    e clock cloud cold collaboration colors column combination combine comfortable communicate\
     complete completely complexity concerns conclusion conditions consider considered consist\
    ency consistent consumption contact contain contains content context continued conversatio\
    n cooking cool correct cost course covers cream create created creating cultural customer \
    dark date decisions deep delicious depending depends describe description designed details\
     determine develop developed developer developing difference different difficult direct di\
    rectly discuss discussion dish display distance document does doesn doing done door double\
     draw drink dynamic early easier easily eating edge effective effectively effects efficien\
    cy efficient egg either element elements else emissions emotions empty encourage engage en\
    gagement engaging enhance enjoy enough ensure enter entire environment equal errors especi\
    ally essential etc ethical event eventually ever evidence exact example examples exercise \
    experience experiences explain explore exploring extra extract eye eyes factor famous fast\
    er favorite feature features feedback feeling feet felt fiber figure file filled final fin\
    ally fit flavor floor focused follow following formula forward framework frequency friend \
    friendly friendship fully functions generate gift given gives global goals going grain gre\
    ater ground hair handle hands happy healthy hear heating heavy helpful helps her herbs her\
    e highly him historical hold host hot hour hours humans idea image images implement implem\
    entation implications importance important improve improved include including increased in\
    dividual individuals influence informed ingredients innovative input inside insights insta\
    ll instead instructions interested interesting interests into involve involves item items \
    journey kids kitchen knowledge known lack language languages larger launch leading learn l\
    east led lemon length lightning list listen lists lived lives living located location look\
    ing lot maintain maintaining manage match maximum meal mean meaning medium mental message \
    messages method miles milk mind minute mix mixture mobile moment monitoring moon morning m\
    ouse multiple nature necessary need needed needs negative networks noise non note number n\
    umbers object objects occur ocean okay ones onto opportunities opportunity optional origin\
    al overall page particular particularly path patient patterns per perfect perform performa\
    nce person personal phone photography phrase physical piece pieces pig places plastic plat\
    form platforms play played player playing please points political position positive potato\
    es potential potentially powerful practical practice prefer preferences prepare presence p\
    resent pretty prevent probably problem problems process processes processing product progr\
    am programming projects protect provide provided provides put puzzle question questions ra\
    nge reality receive recipe recognition recommend reflect regular regularly regulations rel\
    ationship relationships relevant remember remote remove represents require required requir\
    ements requires respect respond response responsible restaurant result results right robot\
     roll routine safe same sample sauce scale scene schedule script season seconds section se\
    cure seeds seems select sense sentence separate serve serving setting shape shared sharing\
     significant significantly similar simple simply single situations size skills skin smalle\
    r smooth so soda soil solar solution solutions solve solving someone sometimes songs soon \
    sorry sounds source species specific speed spend spread stand started starting statement s\
    tatus step still storage stories strength stress string structure structures style subscri\
    ption success successful such suggest suggests sum surface sustainable symptoms taking tas\
    k taste tea teacher team temperature temperatures term terms testing text thank them thems\
    elves theory therefore things think thinking though thought thoughts through throughout ti\
    ps title together token tone topics towards traditional trail train trained transfer trees\
     true try trying turn type typical typically understand unique upon us useful user uses us\
    ing valuable values variable variety various vary ve vegetables version very videos virtua\
    l visual vocabulary walk walking warm weather web weight welcome went were whether which w\
    hole wide widely window wish within without words working writing written yes yet your you\
    rself
    """)

  /// Words that are in lower case somewhere, and within a sentence also in capitals.
  static let ambiguousWords = words(
    """
    a ability about access account across action activities activity actual actually add added\
     additional advanced affect after again against age air alcohol all also although am among\
     an and another answer any are area areas around art artists as assistance associated at a\
    verage avoid away b back background bad balance ball base based battle be bear beautiful b\
    eauty because been before began beginning below benefits best big black blue board book bo\
    oks both bottom bring brown budget building business but buy by c called can capacity care\
     career cars case cat cats center century certain change changes changing chapter chicken \
    child children chips chocolate city class classic clean clear close code color come comes \
    command common communities community companies company complex computer computers concept \
    continue contract control costs could count countries country cover creative crime critica\
    l culture cup current customers cut d daily data day days death decision design despite de\
    tect development device devices did digital dinner distribution do dog don down drive dry \
    due during each earth easy eat economic education educational electric electricity end ene\
    rgy engine engineering environmental equipment error estimate even evening events every ev\
    eryone everything expected face factors fall false family far fast fee feel few field fiel\
    ds film financial find finding fine fire first five focus food foods for force forest form\
     forms found four free fresh friends from fuel full fun function further future gain game \
    games garden gas general generally generation get getting give go goal golden good got gov\
    ernment great green group grow growth guide had half hand hard has have having he head hea\
    lth heard heart heat help high higher his history home hope hotel house how however human \
    ice ideas identify if impact in includes income increase indicate industry information int\
    elligence interest introduction investment involved is issue issues it its itself jazz job\
     join just keep keeping key kind know land large largest last late later latest lead learn\
    ing leaves left legal less let letter level levels life light like likely limited line lin\
    k little live local long longer look loss lost lots love low lower machine made main major\
     make makes making man management many market marketing material materials matter may mayb\
    e me means meat media medical meet meeting members memory methods might million minutes mo\
    del models modern money more most mountain move movement movie moving much music must my n\
    ame named national natural network never new news next nice night no none north not notes \
    now of off offer offering offers often oil old on once one only open operating operations \
    option options or order organization other others our out output outside over own paper pa\
    rk part parts party past pattern pay payment people period pet place plan planning plants \
    players point policy pollution popular population possible post power practices president \
    price prices primary principles print produce production products professional programs pr\
    ogress project properties property providing public purpose push quality quick quickly qui\
    te random rate rather re reach read ready real really reason reasons record red reduce red\
    ucing related release research resources rest return returns review rice rights rise risk \
    risks robotics role room rules run running s safety said sale salt save say school science\
     scientific scientists screen sea search second security see seen series service services \
    set sets several share she shopping short should show shows side sides sign signal since s\
    ituation sleep slightly small smart social society soft software some something sound soup\
     sources south space special square star stars start state states stay steps stock stop st\
    ore story strategies strategy strong student students study subject sugar summary summer s\
    un support sure sweet system systems table take taken takes talk target tasks tax technica\
    l techniques technologies technology tell test than that the their then there these they t\
    hing third this those three time times to today too tool tools top topic total touch town \
    track traffic training transportation travel tree trends trip two types under understandin\
    g united universe university until up urban use used users usually value video view views \
    visit voice volume want war was watch water way ways we week well what when where while wh\
    ite who why will wind windows winter with won word work works world worlds would write yea\
    r years you young z
    """)
}
