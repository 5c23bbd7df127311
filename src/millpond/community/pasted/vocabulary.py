"""Words that lists are made of besides names, goods and quantities. All patterns are for folded text.

One place for them, so that a word that was missed is one line here and one list in the tests.
"""

from __future__ import annotations

import re

__all__ = [
    "ABOVE",
    "ANOTHER",
    "ANOTHER_IN_NOTE",
    "CANCEL",
    "CANCEL_ALL",
    "CANCEL_UNSURE",
    "CHANGE",
    "EMOTICONS",
    "GOODS",
    "HEADING_MARK",
    "LIKE_BEFORE",
    "NEGATION",
    "NOTICE",
    "NOTICE_START",
    "PRICE_EACH",
    "QUESTION",
    "REMARK",
    "SURNAMES",
    "TIME_STAMP",
    "TITLES",
    "WANTS_IN",
]

EMOTICONS = frozenset(
    """
    微笑 撇嘴 色 发呆 得意 流泪 害羞 闭嘴 睡 大哭 尴尬 发怒 调皮 呲牙 惊讶
    难过 囧 抓狂 吐 偷笑 愉快 白眼 傲慢 困 惊恐 憨笑 悠闲 咒骂 疑问 嘘
    晕 衰 骷髅 敲打 再见 擦汗 抠鼻 鼓掌 坏笑 右哼哼 鄙视 委屈 快哭了 阴险 亲亲
    可怜 笑脸 生病 脸红 破涕为笑 恐惧 失望 无语 嘿哈 捂脸 奸笑 机智 皱眉 耶 吃瓜
    加油 汗 天啊 emm 社会社会 旺柴 好的 打脸 哇 翻白眼 666 让我看看 叹气 苦涩 裂开
    嘴唇 爱心 心碎 拥抱 强 弱 握手 胜利 抱拳 勾引 拳头 ok 合十 啤酒 咖啡
    蛋糕 玫瑰 凋谢 菜刀 炸弹 便便 月亮 太阳 庆祝 礼物 红包 发 福 烟花 爆竹
    猪头 跳跳 发抖 转圈 赞 飞吻 比心
    """.split()  # noqa: SIM905
)
"""What the chat writes in square brackets for its own pictures."""

SURNAMES = frozenset(
    """
    王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁
    任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴
    莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅
    童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项
    连芦麦褚娄窦戚岑景党宫费卜冷晏席卫柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞
    敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐
    """
) - set(" \n")

TITLES = re.compile(
    r"(?:阿姨|叔叔|阿婆|阿公|奶奶|爷爷|外婆|外公|妈妈?|爸爸?|公公?|姐姐?|哥哥?|嫂子?|婶婶?|叔|伯伯?|姨|姑|"
    r"婆|爷|弟弟?|妹妹?|宝宝|老师|医生|师傅|先生|小姐|女士|太太?|老板|总|家)$"
)
"""What a name ends with, so that it is certain where it does."""

GOODS = frozenset(
    "米油蛋豆面粉肉鱼虾蟹菜果茶酒奶糖盐醋酱饼糕鸡鸭鹅猪牛羊枣瓜橙桔橘柑梨桃莓蕉葱姜蒜菇笋薯藕粽饺包纸巾皂液"
)
"""What goods end with: 绿豆 2袋 may be a household called so, or beans that nobody offers."""

MODIFIERS = frozenset(
    "黑白红黄绿紫蓝青糯粘小大中新老陈香甜酸辣咸鲜干湿冻生熟粗细长短散精特优有机五野土家本山海玉高低双单泰"
)
"""What may belong to the goods that follow as well as to the name before: 张大黑 大米, or 张大 黑大米?"""

CANCEL_ALL = re.compile(
    r"(?:已|已经|先|全部?)?(?:取消|作废|不要|唔要|不拼|不接|不团|撤)[了掉]?|cancel(?:l?ed)?"
)
CANCEL_UNSURE = re.compile(
    r"(?:已|已经|先|全部?)?(?:退|退款|退单|退货|退掉|删|删除|删掉|撤单|跳过|弃)了?|refund(?:ed)?"
)
"""A whole remark that says: no order. The second kind may mean something else."""
CANCEL = re.compile(r"取消|作废|不要了|唔要|不拼|退款|退单|退货|撤单|cancel")

CHANGE = re.compile(
    r"改|加单|更正|修改|换|再加|追加|加购|多加|另加|加[一二两三四五六七八九十\d]|减|少|补|退\d?|instead|change[ds]?|added?\b|extra|swap"
)
LIKE_BEFORE = re.compile(r"^同|一样|照旧|老样子|as usual|the usual")
ABOVE = re.compile(r"[和跟与]?同?(?:楼上|上面?)(?:一样)?|同前|一样|〃|same(?: as (?:above|before))?|ditto")
ANOTHER = re.compile(r"(?:替|代|帮(?![我忙助])|给(?!我))(?=\S)|(?:on behalf of|for) ")
ANOTHER_IN_NOTE = re.compile(r"(?:替|代|帮)(?![我忙助收领付表])\S|代$|on behalf|for (?!me\b)")
NEGATION = re.compile(r"不|唔|没|无|别|勿|除|只|仅|\bno\b|\bnot\b|\bwithout\b|n't|\bonly\b")

REMARK = re.compile(
    r"放|送|自提|自取|门卫|门口|门厅|保安|楼下|快递|顺丰|邮寄|付|转|红包|微信|支付宝|周[一二三四五六日天末]|星期|今天|明天|后天|今晚|"
    r"早上|上午|中午|下午|晚上|晚点|取|拿|发票|麻烦|辛苦|有空|在家|leave|door|paid|pick|collect|deliver|after|before|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today"
)
"""What tells that a text behind the order is a remark about handing it out or paying for it."""

WANTS_IN = re.compile(r"(?:我?也?要|也来|我也|报名|算我|加我|接龙|count me in|me too)$")

NOTICE_START = re.compile(
    r"(?:还剩|仅剩|只剩|剩余|剩下|库存|截止|截单|截团|开团|成团|起团|到货|发货|提货|自提|取货|价格|单价|团购价|特价|原价|规格|产地|净含量|"
    r"保质期|配送|付款|收款|转账|地址|地点|时间|注意|温馨提示|提示|说明|备注|格式|通知|公告|团长|@|\d+[、.]?(?:截|取货|到货)|"
    r"price|deadline|pick-?up|delivery|please|closes?|notice)"
)
NOTICE = re.compile(
    r"截止|截单|截团|开团|成团|到货|发货|提货|自提点|付款|收款|扫码|群里|群内|所有人|接龙|团购|报名|包邮|温馨提示|deadline|closes?\b"
)
QUESTION = re.compile(r"有没有|吗[?。!]*$|多少钱|怎么|什么|几时|\?$")
PRICE_EACH = re.compile(
    r"(?:元|块|￥|¥|\$)\s*\d*(?:\.\d+)?\s*(?:/|每|一|per|a )\s*\S|每\S{1,2}\s*\d+(?:\.\d+)?\s*元"
)
HEADING_MARK = re.compile(r"#?\s*(?:群?接龙|solitaire)\s*$|#")
TIME_STAMP = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?|(?:昨天|今天|星期.|周.)?\s*(?:上午|下午|晚上|凌晨|中午)?\s*\d{1,2}:\d{2}(?::\d{2})?\s*$"
)
