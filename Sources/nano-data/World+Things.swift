extension World {
  /// name | 名字 | category | color | place | food | use | size; `~` marks a substance.
  static let thingTable = """
    apple|苹果|fruit/水果|red|on a tree/树上|||
    banana|香蕉|fruit/水果|yellow|on a tree/树上|||
    orange|橙子|fruit/水果|orange|on a tree/树上|||
    grape|葡萄|fruit/水果|purple||||
    peach|桃子|fruit/水果|pink|on a tree/树上|||
    pear|梨|fruit/水果|yellow|on a tree/树上|||
    lemon|柠檬|fruit/水果|yellow|on a tree/树上|||
    strawberry|草莓|fruit/水果|red|in the garden/花园里|||
    cherry|樱桃|fruit/水果|red|on a tree/树上|||
    watermelon|西瓜|fruit/水果|green|in the field/田里|||
    mango|芒果|fruit/水果|yellow|on a tree/树上|||
    plum|李子|fruit/水果|purple|on a tree/树上|||
    carrot|胡萝卜|vegetable/蔬菜|orange|in the garden/花园里|||
    tomato|西红柿|vegetable/蔬菜|red|in the garden/花园里|||
    cabbage|白菜|vegetable/蔬菜|green|in the garden/花园里|||
    potato|土豆|vegetable/蔬菜|brown|in the field/田里|||
    onion|洋葱|vegetable/蔬菜|purple|in the field/田里|||
    cucumber|黄瓜|vegetable/蔬菜|green|in the garden/花园里|||
    pumpkin|南瓜|vegetable/蔬菜|orange|in the field/田里|||
    radish|萝卜|vegetable/蔬菜|white|in the field/田里|||
    pea|豌豆|vegetable/蔬菜|green|in the garden/花园里|||
    cat|猫|animal/动物||in the house/家里|fish/鱼||3
    dog|狗|animal/动物||in the house/家里|meat/肉||4
    horse|马|animal/动物|brown|on the farm/农场里|grass/草||7
    cow|牛|animal/动物||on the farm/农场里|grass/草||7
    pig|猪|animal/动物|pink|on the farm/农场里|corn/玉米||5
    sheep|羊|animal/动物|white|on the farm/农场里|grass/草||5
    rabbit|兔子|animal/动物|white|on the farm/农场里|grass/草||3
    mouse|老鼠|animal/动物|gray|in the house/家里|rice/米||2
    elephant|大象|animal/动物|gray|on the grassland/草原上|leaves/树叶||8
    lion|狮子|animal/动物|yellow|on the grassland/草原上|meat/肉||6
    tiger|老虎|animal/动物|orange|in the forest/森林里|meat/肉||6
    bear|熊|animal/动物|brown|in the forest/森林里|honey/蜂蜜||7
    panda|熊猫|animal/动物||in the forest/森林里|bamboo/竹子||6
    monkey|猴子|animal/动物|brown|in the forest/森林里|fruit/水果||4
    fox|狐狸|animal/动物|red|in the forest/森林里|meat/肉||4
    wolf|狼|animal/动物|gray|in the forest/森林里|meat/肉||5
    giraffe|长颈鹿|animal/动物|yellow|on the grassland/草原上|leaves/树叶||8
    frog|青蛙|animal/动物|green|in the pond/池塘里|insects/虫子||2
    whale|鲸鱼|animal/动物|blue|in the sea/海里|shrimps/虾||9
    shark|鲨鱼|animal/动物|gray|in the sea/海里|fish/鱼||7
    crab|螃蟹|animal/动物|red|in the sea/海里|||2
    camel|骆驼|animal/动物|brown|in the desert/沙漠里|grass/草||7
    duck|鸭子|bird/鸟||in the pond/池塘里|insects/虫子||3
    hen|母鸡|bird/鸟||on the farm/农场里|rice/米||3
    goose|鹅|bird/鸟|white|in the pond/池塘里|grass/草||4
    crow|乌鸦|bird/鸟|black|in the forest/森林里|insects/虫子||2
    swan|天鹅|bird/鸟|white|in the pond/池塘里|grass/草||4
    owl|猫头鹰|bird/鸟|brown|in the forest/森林里|meat/肉||3
    penguin|企鹅|bird/鸟||in the sea/海里|fish/鱼||4
    bee|蜜蜂|insect/昆虫|yellow|in the garden/花园里|honey/蜂蜜||1
    ant|蚂蚁|insect/昆虫|black|in the garden/花园里|rice/米||1
    butterfly|蝴蝶|insect/昆虫||in the garden/花园里|honey/蜂蜜||1
    spoon|勺子|tool/工具||in the kitchen/厨房里||eating soup/喝汤|
    knife|刀|tool/工具||in the kitchen/厨房里||cutting food/切菜|
    cup|杯子|tool/工具||in the kitchen/厨房里||drinking water/喝水|
    bowl|碗|tool/工具||in the kitchen/厨房里||eating rice/吃饭|
    pot|锅|tool/工具||in the kitchen/厨房里||cooking soup/煮汤|
    broom|扫帚|tool/工具||in the house/家里||sweeping the floor/扫地|
    hammer|锤子|tool/工具||in the house/家里||hitting nails/敲钉子|
    needle|针|tool/工具||in the house/家里||sewing clothes/缝衣服|
    key|钥匙|tool/工具||in the house/家里||opening a door/开门|
    umbrella|雨伞|tool/工具||in the house/家里||keeping off rain/挡雨|
    lamp|灯|tool/工具||in the bedroom/卧室里||giving light/照明|
    clock|钟|tool/工具||in the bedroom/卧室里||telling the time/看时间|
    pen|钢笔|tool/工具||in the school/学校里||writing words/写字|
    ruler|尺子|tool/工具||in the school/学校里||drawing lines/画线|
    brush|刷子|tool/工具||in the bathroom/浴室里||cleaning shoes/刷鞋|
    towel|毛巾|tool/工具|white|in the bathroom/浴室里||drying hands/擦手|
    mirror|镜子|tool/工具||in the bathroom/浴室里||seeing your face/照脸|
    bed|床|furniture/家具||in the bedroom/卧室里||sleeping/睡觉|
    chair|椅子|furniture/家具||in the school/学校里||sitting/坐|
    desk|书桌|furniture/家具|brown|in the school/学校里||doing homework/写作业|
    sofa|沙发|furniture/家具||in the house/家里||resting/休息|
    car|汽车|vehicle/交通工具||on the road/路上||going to work/上班|
    bus|公交车|vehicle/交通工具||on the road/路上||going to school/上学|
    bicycle|自行车|vehicle/交通工具||on the road/路上||riding/骑行|
    boat|船|vehicle/交通工具||in the sea/海里||crossing a river/过河|
    train|火车|vehicle/交通工具|green|||going far away/去远方|
    plane|飞机|vehicle/交通工具|white|in the sky/天上||flying/飞行|
    hat|帽子|clothing/衣服||in the bedroom/卧室里||keeping off the sun/遮太阳|
    coat|外套|clothing/衣服||in the bedroom/卧室里||keeping warm/保暖|
    shoe|鞋|clothing/衣服||in the house/家里||walking/走路|
    ~bread|面包|food/食物|brown|in the kitchen/厨房里|||
    ~rice|米饭|food/食物|white|in the kitchen/厨房里|||
    ~cheese|奶酪|food/食物|yellow|in the kitchen/厨房里|||
    ~chocolate|巧克力|food/食物|brown|in the kitchen/厨房里|||
    egg|鸡蛋|food/食物||in the kitchen/厨房里|||
    ~milk|牛奶|drink/饮料|white|in the kitchen/厨房里|||
    ~coffee|咖啡|drink/饮料|brown|in the kitchen/厨房里|||
    ~tea|茶|drink/饮料|green|in the kitchen/厨房里|||
    ~water|水|drink/饮料||in the kitchen/厨房里|||
    rose|玫瑰|flower/花|red|in the garden/花园里|||
    lily|百合|flower/花|white|in the garden/花园里|||
    sunflower|向日葵|flower/花|yellow|in the field/田里|||
    ~snow|雪|weather/天气|white||||
    ~rain|雨|weather/天气||||||
    ~wind|风|weather/天气||||||
    """

  /// A word, its translation, its opposite, its translation.
  static let oppositeTable = """
    big|大|small|小
    long|长|short|短
    tall|高|low|矮
    hot|热|cold|冷
    fast|快|slow|慢
    new|新|old|旧
    heavy|重|light|轻
    hard|硬|soft|软
    bright|亮|dark|暗
    happy|快乐|sad|难过
    rich|富|poor|穷
    clean|干净|dirty|脏
    full|满|empty|空
    strong|强|weak|弱
    wet|湿|dry|干
    open|开|closed|关
    early|早|late|晚
    near|近|far|远
    thick|厚|thin|薄
    good|好|bad|坏
    many|多|few|少
    left|左|right|右
    day|白天|night|黑夜
    quiet|安静|noisy|吵闹
    """

  /// What one wants to do, a short answer, the first steps, the last step.
  static let activityTable = """
    make tea/泡茶|Boil water/烧水|First boil water, then add the tea leaves/先烧水，再放茶叶|Last, wait three minutes/最后等三分钟
    cook rice/煮饭|Boil the rice/煮米|First wash the rice, then boil it in water/先洗米，再加水煮|Last, wait twenty minutes/最后等二十分钟
    wash hands/洗手|Use soap/用肥皂|First wet your hands, then use soap/先把手弄湿，再用肥皂|Last, dry them with a towel/最后用毛巾擦干
    boil an egg/煮鸡蛋|Boil it/水煮|First boil water, then put the egg in/先烧水，再放鸡蛋|Last, wait eight minutes/最后等八分钟
    plant a tree/种树|Dig a hole/挖坑|First dig a hole, then put the tree in/先挖坑，再放树苗|Last, give it water/最后浇水
    make a salad/做沙拉|Cut vegetables/切菜|First wash the vegetables, then cut them/先洗菜，再切菜|Last, add a little salt/最后加一点盐
    learn a word/学单词|Read it/多读|First read the word, then write it/先读单词，再写单词|Last, use it in a sentence/最后用它造句
    clean a room/打扫房间|Sweep/扫地|First open the window, then sweep the floor/先开窗，再扫地|Last, take out the trash/最后倒垃圾
    sleep well/睡好觉|Go to bed early/早睡|First turn off the phone, then go to bed early/先关手机，再早点上床|Last, turn off the lamp/最后关灯
    cross a road/过马路|Look first/先看车|First look left, then look right/先看左边，再看右边|Last, walk across/最后走过去
    send a letter/寄信|Post it/去邮局|First write the letter, then put on a stamp/先写信，再贴邮票|Last, take it to the post office/最后送到邮局
    draw a face/画脸|Draw a circle/画圆|First draw a circle, then draw two eyes/先画圆，再画两只眼睛|Last, draw a mouth/最后画嘴
    wash clothes/洗衣服|Use soap/用肥皂|First put the clothes in water, then add soap/先把衣服放进水里，再加肥皂|Last, dry them in the sun/最后在太阳下晒干
    borrow a book/借书|Go to the library/去图书馆|First go to the library, then find the book/先去图书馆，再找书|Last, show your card/最后出示借书卡
    keep warm/保暖|Wear a coat/穿外套|First wear a coat, then drink hot tea/先穿外套，再喝热茶|Last, close the window/最后关窗
    make a friend/交朋友|Say hello/打招呼|First say hello, then tell your name/先打招呼，再说名字|Last, play together/最后一起玩
    """
}
