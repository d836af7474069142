"""Texts that are out to break a report, for names, values and sentences."""

from hypothesis import strategies as st

NASTY = (
    "</details><script>alert(1)</script>",
    "--><img src=x onerror=alert(1)>",
    "@team @octo/all",
    "see #12, GH-34 and octo/all#56",
    "a`b``c```d",
    "| a | b |\n|---|---|",
    "- [x] done\n\n# big\n\n---",
    "1. one",
    "[click](javascript:alert(1)) ![i](http://127.0.0.1/i.png)",
    "https://example.org www.example.org",
    "&lt;b&gt; &#64;team",
    "]]> <![CDATA[ ]]>",
    "\x1b[31mred\x1b[0m \u202etxt.exe \x00 \ufffe",
    "'\"><svg onload=alert(1)>",
    "$x^2$ :tada: ~~no~~ **bold** _it_",
    "\\",
    "***",
    "%SRCROOT%/../../etc",
)
TEXTS = st.one_of(
    st.sampled_from(NASTY), st.text(min_size=1, max_size=60), st.text("<>&\"'`|@#*_-[]()!\\ \nx1", min_size=1)
)
