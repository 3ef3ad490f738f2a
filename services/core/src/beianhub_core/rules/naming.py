"""What messages call providers, order types and provinces: Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from beianhub_core.rules.provinces import PROVINCES

Words = Mapping[str, tuple[str, str]]
PROVIDERS: Final[Words] = {
    "tencent": ("腾讯云", "Tencent Cloud"),
    "aliyun": ("阿里云", "Alibaba Cloud"),
    "huawei": ("华为云", "Huawei Cloud"),
    "wechat": ("微信", "WeChat"),
    "douyin": ("抖音", "Douyin"),
}
ORDER_TYPES: Final[Words] = {
    "FIRST_FILING": ("首次备案", "a first filing"),
    "ADD_SERVICE": ("新增互联网信息服务", "an added service"),
    "ADD_ACCESS": ("新增接入", "an access"),
    "CHANGE_SUBJECT": ("变更主体", "a change of the subject"),
    "CHANGE_SERVICE": ("变更互联网信息服务", "a change of the service"),
    "CHANGE_ACCESS": ("变更接入", "a change of the access"),
    "CANCEL_SUBJECT": ("注销主体", "a cancellation of the subject"),
    "CANCEL_SERVICE": ("注销互联网信息服务", "a cancellation of a service"),
    "CANCEL_ACCESS": ("取消接入", "a cancellation of an access"),
    "MIGRATE_SERVICE": ("迁移互联网信息服务", "a migration of a service"),
    "TRANSFER_ACCOUNT": ("转移备案", "a transfer between accounts"),
    "CLAIM": ("认领备案", "a claim"),
}
PROVINCE_NAMES: Final[Words] = {each.name: (each.name, each.english) for each in PROVINCES}
