"""The demo centre's rooms, equipment, crew and desk. Names are invented."""

from dataclasses import dataclass, field
from typing import Any

from livecommerce.studios.rules import ResourceKind
from livecommerce.web.principal import MerchantRole, StaffRole

Texts = dict[str, str]


def both(zh: str, en: str) -> Texts:
    """A text in both languages."""
    return {"zh": zh, "en": en}


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class of resources, with the minutes its members need before and after use."""

    key: str
    kind: ResourceKind
    name: Texts
    set_up: int = 0
    tear_down: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """A studio, a unit of equipment, or somebody of the crew.

    ``hours`` is when a day opens and closes, in hours of the centre's clock; past 24 means
    the next morning.
    """

    slug: str
    class_key: str
    name: Texts
    description: Texts
    attributes: dict[str, Any] = field(default_factory=dict)
    hours: tuple[int, int] = (0, 24)
    picture: bool = False


S, Q, C = ResourceKind.STUDIO, ResourceKind.EQUIPMENT, ResourceKind.CREW

CLASSES = [
    ClassFacts("bedroom", S, both("卧室实景", "Bedroom set"), 30, 30),
    ClassFacts("standard", S, both("标准直播间", "Standard studio"), 15, 15),
    ClassFacts("kitchen", S, both("餐厨实景", "Kitchen and dining set"), 30, 30),
    ClassFacts("hall", S, both("大演播厅", "Grand hall"), 60, 45),
    ClassFacts("camera", Q, both("摄像机", "Camera"), 15, 15),
    ClassFacts("macro", Q, both("面料微距镜头", "Macro lens for fabric"), 15, 15),
    ClassFacts("light", Q, both("柔光灯", "Soft light"), 15, 15),
    ClassFacts("microphone", Q, both("麦克风", "Microphone"), 15, 15),
    ClassFacts("prompter", Q, both("提词器", "Prompter"), 15, 15),
    ClassFacts("steamer", Q, both("挂烫机", "Garment steamer"), 15, 15),
    ClassFacts("encoder", Q, both("推流编码器", "Streaming encoder"), 15, 15),
    ClassFacts("camera-operator", C, both("摄像师", "Camera operator")),
    ClassFacts("director", C, both("导播", "Vision mixer")),
    ClassFacts("presenter", C, both("双语主播", "Bilingual presenter")),
    ClassFacts("stylist", C, both("陈列造型师", "Stylist")),
]

STUDIOS = [
    Thing(
        "morning-bedroom",
        "bedroom",
        both("晨光卧室", "Morning Bedroom"),
        both(
            "朝东卧室实景，1.8 米大床与布艺床头，适合床品、被芯；全天开放，方便海外专场。",
            "An east-facing bedroom with a 1.8 m bed and padded headboard, made for bed linen"
            " and quilts; open day and night for overseas sessions.",
        ),
        {"area_m2": 46, "seats": 6, "daylight": True, "bed": "180x200"},
        picture=True,
    ),
    Thing(
        "spruce-studio",
        "standard",
        both("云杉直播间", "Spruce Studio"),
        both(
            "标准直播间，三面可换背景，吊轨灯光，适合毛巾、抱枕等小件；全天开放。",
            "A standard studio with three changeable backdrops and a lighting grid, for towels,"
            " cushions and other small goods; open day and night.",
        ),
        {"area_m2": 28, "seats": 4, "backdrops": 3},
        picture=True,
    ),
    Thing(
        "kitchen-talk",
        "kitchen",
        both("厨语间", "Kitchen Talk"),
        both(
            "开放式厨房与餐桌实景，有水有火，适合桌布、茶巾、围裙。",
            "An open kitchen with a dining table, running water and a working hob, for table"
            " linen, tea towels and aprons.",
        ),
        {"area_m2": 38, "seats": 8, "water": True},
        picture=True,
    ),
    Thing(
        "indigo-hall",
        "hall",
        both("青蓝演播厅", "Indigo Hall"),
        both(
            "六米高演播厅，可挂整幅窗帘，带观众席与摇臂轨道，适合新品发布。",
            "A six-metre-high hall that takes full-length curtains, with an audience stand and"
            " a jib track, for launches.",
        ),
        {"area_m2": 160, "seats": 60, "height_m": 6},
        picture=True,
    ),
]


def _units(
    class_key: str, zh: str, en: str, about: Texts, count: int, **facts: Any
) -> list[Thing]:
    return [
        Thing(
            f"{class_key}-{n}", class_key, both(f"{zh} {n} 号", f"{en} {n}"), about, dict(facts)
        )
        for n in range(1, count + 1)
    ]


EQUIPMENT = [
    *_units(
        "camera",
        "4K 摄像机",
        "4K camera",
        both("4K 50p，带云台与监看屏", "4K 50p on a fluid head, with a monitor"),
        4,
        resolution="3840x2160",
    ),
    *_units(
        "macro",
        "微距镜头",
        "Macro lens",
        both("1:1 微距，拍清纱支与绒圈", "1:1 macro that shows yarns and loops"),
        2,
    ),
    *_units(
        "light",
        "柔光灯",
        "Soft light",
        both("双色温，显色指数 97，还原面料颜色", "Bi-colour, CRI 97, true to the fabric"),
        6,
        cri=97,
    ),
    *_units(
        "microphone",
        "无线领夹麦",
        "Wireless lavalier",
        both("双通道，带备用电池", "Two channels, with spare batteries"),
        4,
    ),
    *_units(
        "prompter",
        "提词器",
        "Prompter",
        both("15 寸，中英双语字幕", "15 inches, Chinese and English"),
        2,
    ),
    *_units(
        "steamer",
        "挂烫机",
        "Garment steamer",
        both("开播前去褶", "Takes out creases before going on air"),
        2,
    ),
    *_units(
        "encoder",
        "推流编码器",
        "Streaming encoder",
        both("双路 RTMP，断线自动重连", "Two RTMP channels, reconnects by itself"),
        2,
    ),
]

CREW = [
    Thing(
        "camera-chen-wei",
        "camera-operator",
        both("陈维", "Chen Wei"),
        both("轮值摄像，擅长床品大场景", "On call; strong at wide bedroom shots"),
    ),
    Thing(
        "camera-sun-yi",
        "camera-operator",
        both("孙毅", "Sun Yi"),
        both("轮值摄像，擅长面料特写", "On call; strong at fabric close-ups"),
    ),
    Thing(
        "camera-gu-min",
        "camera-operator",
        both("顾敏", "Gu Min"),
        both("轮值摄像，会操作摇臂", "On call; works the jib"),
    ),
    Thing(
        "camera-zhu-lei",
        "camera-operator",
        both("朱磊", "Zhu Lei"),
        both("轮值摄像，海外专场夜班", "On call; nights for overseas sessions"),
    ),
    Thing(
        "director-xu-ran",
        "director",
        both("许然", "Xu Ran"),
        both("轮值导播，双机位切换", "On call; mixes two cameras"),
    ),
    Thing(
        "director-qian-bo",
        "director",
        both("钱博", "Qian Bo"),
        both("轮值导播，多语专场", "On call; multilingual sessions"),
    ),
    Thing(
        "director-ma-lin",
        "director",
        both("马琳", "Ma Lin"),
        both("轮值导播，新品发布", "On call; launches"),
    ),
    Thing(
        "director-luo-jun",
        "director",
        both("罗俊", "Luo Jun"),
        both("轮值导播，海外专场夜班", "On call; nights for overseas sessions"),
    ),
    Thing(
        "presenter-tang-yue",
        "presenter",
        both("唐悦", "Tang Yue"),
        both("中英双语主播，白班", "Presents in Chinese and English, days"),
        {"languages": ["zh", "en"]},
        hours=(9, 18),
    ),
    Thing(
        "presenter-he-miao",
        "presenter",
        both("何淼", "He Miao"),
        both("中德双语主播，晚班", "Presents in Chinese and German, evenings"),
        {"languages": ["zh", "de"]},
        hours=(16, 25),
    ),
    Thing(
        "stylist-fang-qing",
        "stylist",
        both("方晴", "Fang Qing"),
        both("家纺陈列与布景", "Styles sets for home textiles"),
        hours=(9, 21),
    ),
]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in to the demo. ``slug`` says who: ``luxi.host``."""

    slug: str
    name: str
    locale: str
    staff: StaffRole | None = None
    merchant: str | None = None
    role: MerchantRole | None = None

    @property
    def email(self) -> str:
        """``host@luxi.example``, ``operator@centre.example``."""
        house, _, who = self.slug.partition(".")
        return f"{who}@{house}.example"

    @property
    def password(self) -> str:
        """Told to whoever starts the demo; never used anywhere else."""
        return f"demo-{self.slug.replace('.', '-')}"


def _desk(role: StaffRole, name: str) -> Account:
    return Account(f"centre.{role.value}", name, "zh-CN", staff=role)


def _member(merchant: str, role: MerchantRole, name: str) -> Account:
    return Account(f"{merchant}.{role.value}", name, "zh-CN", merchant=merchant, role=role)


R = MerchantRole
ACCOUNTS = [
    _desk(StaffRole.OPERATOR, "周凯 Zhou Kai"),
    _desk(StaffRole.SCHEDULER, "吴倩 Wu Qian"),
    _desk(StaffRole.FINANCE, "郑洁 Zheng Jie"),
    _desk(StaffRole.COMPLIANCE, "沈文 Shen Wen"),
    _desk(StaffRole.ADMIN, "陆航 Lu Hang"),
    _member("luxi", R.OWNER, "林晓 Lin Xiao"),
    _member("luxi", R.HOST, "苏禾 Su He"),
    _member("luxi", R.ASSISTANT, "丁朗 Ding Lang"),
    _member("luxi", R.MODERATOR, "叶青 Ye Qing"),
    _member("luxi", R.FINANCE, "蒋宁 Jiang Ning"),
    _member("yunmian", R.OWNER, "高云 Gao Yun"),
    _member("yunmian", R.HOST, "白露 Bai Lu"),
    _member("yunmian", R.ASSISTANT, "田野 Tian Ye"),
    _member("yunmian", R.MODERATOR, "石磊 Shi Lei"),
    _member("yunmian", R.FINANCE, "江月 Jiang Yue"),
    _member("qinghe", R.OWNER, "秦禾 Qin He"),
    _member("qinghe", R.HOST, "柳依 Liu Yi"),
    _member("qinghe", R.ASSISTANT, "宋南 Song Nan"),
    _member("qinghe", R.MODERATOR, "杜若 Du Ruo"),
    _member("qinghe", R.FINANCE, "梅朵 Mei Duo"),
    Account("mail.anna", "Anna Keller", "en"),
]


@dataclass(frozen=True, slots=True)
class House:
    """A merchant of the demo; the credit code's check characters are right, the firm is not."""

    slug: str
    name: Texts
    legal_name: Texts
    uscc: str
    customs_code: str
    licence: str
    address: Texts
    contact: Texts
    colour: str


HOUSES = [
    House(
        "luxi",
        both("鹭溪家纺", "Luxi Home"),
        both("南通鹭溪家纺有限公司（演示）", "Nantong Luxi Home Textiles Co., Ltd. (demo)"),
        "91320612MA0DEM013E",
        "3206961101",
        "320612000202600101",
        both(
            "江苏省南通市通州区川姜镇织锦路 18 号 2 幢",
            "Building 2, 18 Zhijin Road, Chuanjiang, Tongzhou District, Nantong, Jiangsu,"
            " China",
        ),
        {"name": "林晓 Lin Xiao", "phone": "+86 513 5550 0101", "email": "owner@luxi.example"},
        "#8aa79b",
    ),
    House(
        "yunmian",
        both("云眠被业", "Yunmian Quilts"),
        both("南通云眠被业有限公司（演示）", "Nantong Yunmian Bedding Co., Ltd. (demo)"),
        "91320612MA0DEM0219",
        "3206961102",
        "320612000202600102",
        both(
            "江苏省南通市通州区川姜镇棉纺路 6 号",
            "6 Mianfang Road, Chuanjiang, Tongzhou District, Nantong, Jiangsu, China",
        ),
        {
            "name": "高云 Gao Yun",
            "phone": "+86 513 5550 0102",
            "email": "owner@yunmian.example",
        },
        "#7d93b8",
    ),
    House(
        "qinghe",
        both("青禾布艺", "Qinghe Fabrics"),
        both("海门青禾布艺有限公司（演示）", "Haimen Qinghe Fabrics Co., Ltd. (demo)"),
        "91320684MA0DEM03XA",
        "3206961103",
        "320684000202600103",
        both(
            "江苏省南通市海门区三星镇染坊街 33 号",
            "33 Ranfang Street, Sanxing, Haimen District, Nantong, Jiangsu, China",
        ),
        {"name": "秦禾 Qin He", "phone": "+86 513 5550 0103", "email": "owner@qinghe.example"},
        "#c08a5e",
    ),
]
