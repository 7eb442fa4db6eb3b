"""A day of an insurer's messages: what is sent to whom, and how each must end.

The lengths are those at which carriers differ: 70 and 71, 132 to 135, 660 UTF-16 code units. One text goes to several
carriers, so that the table shows what each makes of it.
"""

from typing import NamedTuple

from simulators.customer import How, Submission

SENDER = "05012345678"
YEN_A_UNIT = 10  # the first tier of the price list

REMINDER = (
    "【サンプル損保】9月分の保険料のお振替ができませんでした。"
    "10月27日（火）に再度お振替いたしますので、前日までに口座残高をご確認ください。"
)  # 70
ONE_TIME_CODE = (
    "【サンプル損保】ワンタイムパスワードは482913です。10分以内にご入力ください。"
    "当社の社員がこの番号をお尋ねすることは一切ございません。"
)  # 70
SECOND_REMINDER = (
    "【サンプル損保】保険料のお支払いがまだ確認できておりません。"
    "10月31日までに、コンビニでお支払いください。ご入金済みの場合はご容赦ください。"
)  # 71
RENEWAL_CAR = (
    "【サンプル損保】自動車保険の満期日（11月30日）が近づいてまいりました。"
    "ご継続のお手続きは、下記の専用ページから24時間いつでも承っております。"
    "お手元に保険証券と運転免許証、車検証をご用意ください。\n"
    "https://www.example.jp/renewal/"
)  # 132
RENEWAL_FIRE = (
    "【サンプル損保】火災保険の満期日（12月15日）が近づいてまいりました。"
    "補償内容のご確認と継続のお手続きを、下記のページで24時間承っております。"
    "お手元に保険証券と口座番号をご用意ください。\n"
    "https://www.example.com/keizoku/kasai"
)  # 133
CLAIM_BEGUN = (
    "【サンプル損保】事故のご連絡をいただきありがとうございます。担当者より本日中にお電話いたします。"
    "お車の修理は、お見積りを当社が確認するまで始めずにお待ちください。"
    "相手の方とのお話し合いは当社が承りますので、ご安心ください。"
    "お体の痛みなどがあれば、すぐ受診してください。"
)  # 134
STORM = (
    "【サンプル損保】台風によるお住まいの被害はございませんか。"
    "保険金のご請求は、被害の様子をスマートフォンで撮って送っていただくだけです📷片付けの前に、全体と壊れたところを撮影してください。"
    "受付は24時間、年中無休。どうぞお怪我のないよう、お気をつけてお過ごしください。"
)  # 134
CLAIM_PAID = (
    "【サンプル損保】ご請求いただいた保険金のお支払い手続きが完了いたしました。"
    "3営業日以内にご指定の口座へお振り込みいたします。"
    "お支払い金額の内訳は、後日お届けする通知書でご確認ください。"
    "ご不明な点がございましたら、保険証券に記載の担当者まで、お気軽にお問い合わせください。"
)  # 135
QUESTIONNAIRE = (
    "【サンプル損保】アンケートのお願い\n"
    "このたびは、事故の対応を当社にお任せいただき、ありがとうございました。"
    "その後、お変わりなくお過ごしでしょうか。\n"
    "当社では、お客さまの声をもとに、毎日の仕事を見直しております。"
    "5分ほどで終わるアンケートに、ご協力をお願いいたします。\n\n"
    "お尋ねしたいこと\n"
    "1．最初のお電話から担当者のご連絡までの時間は、いかがでしたか。\n"
    "2．お手続きの説明は、わかりやすかったでしょうか。\n"
    "3．必要な書類は、迷わずにおそろえいただけましたか。\n"
    "4．修理工場や病院とのやり取りで、お困りのことはありませんでしたか。\n"
    "5．保険金のお支払いまでの日数に、ご満足いただけましたか。\n"
    "6．担当者の言葉づかいや対応は、いかがでしたか。\n"
    "7．そのほか、お気づきのことがあれば、ご自由にお書きください。\n\n"
    "ご回答は、次のページでお願いいたします。\n"
    "https://www.example.com/voice/2026\n"
    "受付期間は、11月30日（月）の午後6時までです。"
    "ご回答いただいた方の中から、抽選で100名に、千円分の図書カードをお送りいたします。\n\n"
    "このアンケートで、暗証番号や口座番号、カードの番号をお尋ねすることはございません。"
    "また、ご回答の内容が、これからのご契約や保険料に影響することもございません。\n"
    "このメッセージは、送信専用の番号からお送りしております。ご返信いただいても、お答えすることができません。"
    "配信の停止をご希望の場合や、ご不明な点がある場合は、保険証券に記載のお客さま窓口までお電話ください。"
)  # 660


DELIVERED, UNDELIVERABLE = "DELIVERED", "UNDELIVERABLE"  # outcomes in billing records
ESME_RINVDSTADR = 0x0B
REFUSED = "REFUSED"  # never accepted: ESME_RINVDSTADR in the submit_sm_resp, and no record


class Sample(NamedTuple):
    """One message and its end. `segments` are those that the carrier sees, `characters` are UTF-16 code units."""

    what: str
    number: str
    carrier: str  # empty: no route serves the number
    known_by: str
    how: How
    text: str
    characters: int
    segments: int
    units: int
    state: str = DELIVERED

    @property
    def yen(self) -> int:
        """The charge: success only."""
        return self.units * YEN_A_UNIT if self.state == DELIVERED else 0

    @property
    def submission(self) -> Submission:
        """What the customer sends."""
        return Submission(SENDER, self.number, self.text, self.how)


BLOCK = "number block"
PORTED = "ported numbers"

SAMPLES = (
    Sample("保険料のご案内", "09030000001", "docomo", BLOCK, "short_message", REMINDER, 70, 1, 1),
    Sample("保険料の再案内", "09030000002", "docomo", BLOCK, "short_message", SECOND_REMINDER, 71, 2, 2),
    Sample("満期（自動車）", "09030000003", "docomo", BLOCK, "message_payload", RENEWAL_CAR, 132, 2, 2),
    Sample("満期（火災）", "09030000004", "docomo", BLOCK, "message_payload", RENEWAL_FIRE, 133, 3, 3),
    Sample("アンケート", "09030000005", "docomo", BLOCK, "message_payload", QUESTIONNAIRE, 660, 10, 10),
    Sample("保険料の再案内", "09030000013", "docomo", BLOCK, "short_message", SECOND_REMINDER, 71, 2, 2, UNDELIVERABLE),
    Sample("認証コード", "08050000001", "au", BLOCK, "short_message", ONE_TIME_CODE, 70, 1, 1),
    Sample("満期（火災）", "08050000002", "au", BLOCK, "message_payload", RENEWAL_FIRE, 133, 2, 2),
    Sample("事故の受付", "08050000003", "au", BLOCK, "parts", CLAIM_BEGUN, 134, 2, 2),
    # The emoji lies across the border of the parts, so it moves whole, and the table's units stay.
    Sample("台風のお見舞い", "08050000004", "au", BLOCK, "message_payload", STORM, 134, 3, 2),
    Sample("保険金の支払い", "08050000005", "au", BLOCK, "message_payload", CLAIM_PAID, 135, 3, 3),
    Sample("保険金の支払い", "08030000001", "softbank", BLOCK, "message_payload", CLAIM_PAID, 135, 1, 1),
    Sample("アンケート", "08030000002", "softbank", BLOCK, "message_payload", QUESTIONNAIRE, 660, 1, 1),
    Sample("保険料の再案内", "07083000001", "rakuten", BLOCK, "short_message", SECOND_REMINDER, 71, 2, 2),
    Sample("事故の受付", "07083000002", "rakuten", BLOCK, "message_payload", CLAIM_BEGUN, 134, 2, 2),
    Sample("アンケート", "07083000003", "rakuten", BLOCK, "message_payload", QUESTIONNAIRE, 660, 10, 10),
    # The block says docomo, where 134 would be three units; the number is au's now.
    Sample("事故の受付", "09030000099", "au", PORTED, "message_payload", CLAIM_BEGUN, 134, 2, 2),
    Sample("保険料のご案内", "07099000001", "", "", "short_message", REMINDER, 70, 0, 0, REFUSED),
)
