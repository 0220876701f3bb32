"""What may be secret or personal is found, and what looks alike is left."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.services.sensitive import find_sensitive, missing_from, without_sensitive

SENSITIVE = [
    # keys of services (none of them works)
    "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1w",
    "sk-ant-api03-Zx9Yw8Vu7Ts6Rq5Po4",
    "sk-1234567890abcdef1234567890abcdef",
    "sk_live_51H8xYzAbCdEfGhIj",
    "pk_live_51H8xYzAbCdEfGhIj",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "gho_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0abcdefghij_klmnop",
    "glpat-Xy9aBc8dEf7gHi6jKl5m",
    "xoxb-123456789012-1234567890123-AbCdEfGhIjKl",
    "xapp-1-A012BCDEF-1234567890123-0a1b2c3d",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAJEXAMPLEXEG2JICA",
    "AIzaSyD4x8kQ2mN6pR0tV3wX5yZ7aB9cE1fG",
    "ya29.a0AfH6SMBx7yZ8w9V0u1",
    "GOCSPX-4fHk2Lm9Pq7Rs1Tu3Vw5",
    "npm_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "hf_AbCdEfGhIj1234567890KlMn",
    "dop_v1_0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "AGE-SECRET-KEY-1QL3Z7HJY54PW3HYWW5AYYFG7ZQGVC",
    # what looks like a key
    "kJ8sD2fLq9/Zx3Vb7Nm+Pw5Rt1Yu6Io0Ea4GhTb",
    "aB3dE5fG7hI9jK1lM3nO",
    "o4k2j3h5k6j7h8g9f0d1",
    "yKTt4Gx9mQz2LrN8bVwC5pHs3JfDa7Ue",
    "Zm9vYmFyMTIz-_QmF6cXV4NDU2Nzg5-x",
    "d41d8cd98f00b204e9800998ecf8427e",
    "0xd41d8cd98f00b204e9800998ecf8427e",
    "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
    "550e8400-e29b-41d4-a716-446655440000",
    "W269N-WFGWX-YVC9B-4J6C9-T83GX",
    "W269N WFGWX YVC9B 4J6C9 T83GX",
    "4EX7-9KQ2-LM81-77AB",
    "1234-5678-9012-3456",
    # people and places
    "jane.doe@acme.co",
    "info+news@firma-müller.de",
    "o'neil@mail.acme.io",
    "https://intranet.acme.co/wiki",
    "http://192.168.0.17:8080/admin",
    "https://user:secret@acme.co/",
    "HTTPS://ACME.CO",
    "postgres://app:pw@db.acme.co:5432/main",
    "www.acme.co",
    "www.acme.co/login?next=/",
    "ftp://files.acme.co/a.zip",
    "https://example.org.acme.co/",
    "https://notexample.org/",
    "https://acme.co$/x",
    "https://user:secret@localhost/",
    "wiki.acme.com/login",
    "acme.io:8080/a",
    "jo@xn--80ak6aa92e.xn--p1ai",
    "s3://bucket-of-acme/key",
]
ORDINARY = [
    "A bar chart of sales by region, with the largest bar for Europe at 42 %",
    "Settings page with the fields Site name, Time zone and Language",
    "Screenshot: Sign in. User name; Password; Forgot your password?",
    "Terminal: pip install mkdocs-alttext==0.1.0rc1",
    "Terminal: git clone git@github.com:someone/project.git",
    "Terminal: docker run --rm -it -p 8080:80 -v $PWD:/data nginx:1.25.3-alpine",
    "Terminal: kubectl get pods -n kube-system --output=wide",
    "Terminal: curl -X POST http://localhost:8000/api/v1/items",
    "Terminal: ssh -i ~/.ssh/id_ed25519 root@server",
    "root@web01:/var/log# tail -f syslog",
    "The page http://127.0.0.1:8000/ in a browser",
    "Listening on http://[::1]:3000, http://0.0.0.0:80 and https://app.localhost/",
    "A form with the e-mail address user@example.com and the site https://example.org/shop",
    "Contact: jane@mail.example.net, joe@firm.example, root@machine.test, x@y.invalid",
    "Address bar with https://www.example.com/path?query=1#part",
    "DNS record for 192.0.2.17, seen at http://192.0.2.17/ and https://[2001:db8::1]/",
    "The prefix https:// is added, and http://… is not",
    "Template: https://{subdomain}.{domain}/ and https://<your host>/",
    "Template: https://$HOST/, https://*.example.com/ and https://${name}.local/",
    "Open file:///etc/hosts in an editor",
    "img/logo.com.png, src/app.ts/index.js, main.py/run and README.md/section, and/or a/b",
    "Version 2.14.0-beta.3+build.20240115 of the application",
    "Released on 2024-01-15T10:30:00Z, 20240115T103000Z and 15/01/2024 at 10:30:22",
    "Files IMG_20240101_123456.jpg, screenshot-2024-01-15-at-10.30.22.png and DSC00123.JPG",
    "Icons logo@2x.png and logo@3x.webp",
    "The class AbstractSingletonProxyFactoryBean2 and its method getUserById2FactorAuthToken",
    "Layers of a model: MaxPooling2DLayerV3Config, GlobalAveragePooling1D, Conv2DTranspose",
    "Sha256WithRsaEncryption2048Bits as signature algorithm",
    "The collation utf8mb4_unicode_520_ci, and utf8mb4unicode520ci without underscores",
    "Target x86_64-unknown-linux-gnu, aarch64-apple-darwin23 and wasm32-unknown-unknown",
    "release-v2-rc1-build45-x64-win10-setup.exe",
    "mkdocs_material-9.5.3-py3-none-any.whl in the folder dist/wheels/cp311/manylinux2014",
    "Path C:\\Users\\Public\\Documents\\Project2024\\Source\\Main3.cs",
    "docs/API/v2/UserGuide/Chapter3/Section4/Overview.md",
    "/usr/local/lib/python3.11/site-packages/mkdocs_alttext/services",
    "package.module2.submodule3.ClassName4.method_name5(argument6)",
    "org.springframework.boot.autoconfigure.web.servlet.DispatcherServletAutoConfiguration",
    "Environment variables MY_SERVICE_API_KEY, NPM_CONFIG_CACHE_MIN2 and npm_config_loglevel",
    "scikit-learn's sk-estimator-doc-link, sk-container-id-1, sk-ecdsa-sha2-nistp256, sk-SK",
    "API key: sk-xxxxxxxxxxxxxxxxxxxxxxxx, or ghp_XXXXXXXXXXXXXXXXXXXX",
    "API key: YOUR_API_KEY_GOES_HERE, masked as ••••••••••••1234",
    "Price list: $1,299.00; €49,99 a month; 1 234 567 kr; ¥12800",
    "Phone +49 (0)30 1234567, room B-204, order no. 2024-00017",
    "Commit 2d476cf on branch feature/issue-1234-fix-login",
    "Colours #ff8800, #00AAFF80 and rgba(255, 136, 0, 0.5)",
    "MAC address 00:1B:44:11:3A:B7 and port 65535",
    "Table with the columns ID, Name, Q1, Q2, Q3, Q4 and Total 2023/2024",
    "Decorators @app.route, @pytest.mark.parametrize and npm i @angular/core@17.0.0",
    "uses: actions/checkout@v4.1.2 and pip install package@latest",
    "STORE HOURS TODAY EARLY CLOSE",
    "ISO-8859-15, RFC-2606, A4, H.264, MP3, IPv6, OAuth2, i18n, a11y and l10n",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "Formula: E = mc² and f(x) = 3x³ - 2x² + 7x - 12",
    "00000000000000000000000000000000 and ffffffffffffffffffffffffffffffff",
    "设置页面，包含站点名称和时区",  # noqa: RUF001 - Chinese
    "Страница настроек с полями «Имя сайта» и «Часовой пояс»",  # noqa: RUF001 - Russian
]


def found(text: str) -> list[str]:
    """Return the texts of what is found."""
    return [each.text for each in find_sensitive(text)]


@pytest.mark.parametrize("word", SENSITIVE)
@pytest.mark.parametrize("frame", ["{}", "Screenshot: the key is {}.", "({}), and so on", '"{}"'])
def test_what_may_be_secret_or_personal_is_found(word: str, frame: str) -> None:
    """Whole and alone, wherever it stands."""
    text = frame.format(word)
    (finding,) = find_sensitive(text)
    assert text[finding.start : finding.end] == finding.text
    assert finding.text.rstrip("/") == word.rstrip("/")


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_caption_passes(text: str) -> None:
    """Nothing of it is left out."""
    assert found(text) == []
    assert without_sensitive(text) == text


def test_there_are_enough_of_both() -> None:
    """So that a change of the rules shows what it does."""
    assert len(SENSITIVE) >= 40
    assert len(ORDINARY) >= 40


def test_several_are_found_in_their_order() -> None:
    """And nothing twice, though a key in an address is both."""
    text = "Mail jane@acme.co or see https://acme.co/?key=ghp_16C7e42F292c6912E7710c838347 now"
    assert found(text) == [
        "jane@acme.co",
        "https://acme.co/?key=ghp_16C7e42F292c6912E7710c838347",
    ]
    assert without_sensitive(text) == "Mail or see now"


def test_a_harmless_address_does_not_hide_a_key() -> None:
    """Such as that of a notebook on this machine."""
    text = "Open http://localhost:8888/?token=d41d8cd98f00b204e9800998ecf8427e"
    assert found(text) == ["d41d8cd98f00b204e9800998ecf8427e"]


@pytest.mark.parametrize(
    ("page", "is_known"),
    [
        ("Write to JANE@acme.co.", True),
        ("Write to\njane@acme.co", True),
        ("Write to jane@acme. co", False),
        ("Nothing", False),
        ("", False),
    ],
)
def test_what_a_page_has_is_no_secret(page: str, is_known: bool) -> None:  # noqa: FBT001
    """Whatever its case."""
    assert (missing_from(find_sensitive("Mail to jane@acme.co"), page) == []) is is_known


def test_white_space_and_a_last_slash_do_not_matter() -> None:
    """A browser adds the one, and a line's end the other."""
    assert missing_from(find_sensitive("See https://acme.co/"), "See https://ACME.co for") == []
    key = find_sensitive("W269N WFGWX YVC9B 4J6C9 T83GX")
    assert missing_from(key, "Key: w269n wfgwx\n  yvc9b 4j6c9 t83gx") == []


HOSTILE = [
    "a@" * 5000,
    "a." * 5000,
    "a@a." * 2500,
    "@" * 10_000,
    "http://" * 1430,
    "www." * 2500,
    "https://" + "a" * 10_000,
    "https://" + "a@" * 5000,
    "A1b2" * 2500,
    "aB" * 5000,
    "0" * 10_000,
    "f0" * 5000,
    "AAAA-" * 2000,
    "AAAAA " * 1666,
    "sk-" * 3333,
    "sk_" + "a" * 10_000,
    "eyJ" * 3333,
    "eyJ" + "a." * 5000,
    "-" * 10_000,
    "-----BEGIN " * 900,
    "xoxb-" + "-" * 10_000,
    "[::" * 3333,
    "https://{" * 1111,
    "1x." * 3333,
    "%+'-" * 2500,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_a_long_text_takes_time_in_proportion(text: str) -> None:
    """Ten times as long, not much more than ten times as long; measured against itself."""

    def seconds(text: str) -> float:
        began = time.process_time()
        find_sensitive(text)
        return time.process_time() - began

    short = min(seconds(text) for _ in range(3))
    long = min(seconds(text * 4) for _ in range(2))
    assert long < 10 * max(short, 0.002)
    assert short < 1.0


@given(text=st.text(max_size=80))
def test_what_is_found_lies_in_the_text(text: str) -> None:
    """In order and apart; and a page that has the text has all of it."""
    findings = find_sensitive(text)
    ends = [0, *(each.end for each in findings)]
    for before, each in zip(ends, findings, strict=False):
        assert before <= each.start < each.end <= len(text)
        assert text[each.start : each.end] == each.text
    assert missing_from(findings, text) == []
