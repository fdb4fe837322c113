"""The short chat that the documents' pictures show, and the change that follows."""

import json

from tests.vendors import Call, Counts, Reply

PROGRAM = '''\
"""Count the words of a text."""

from collections import Counter


def most_common(text: str, number: int) -> list[str]:
    words = Counter(text.split())
    return [word for word, _ in words.most_common(number)]


def main() -> None:
    text = open("speech.txt").read()
    for word in most_common(text, 10):
        print(word)
'''

SPEECH = "The only thing we have to fear is fear itself.\n"

QUESTION = "Why are some words counted twice?"

READING = Reply(
    thinking=["The file it reads may tell how its words are written."],
    text=["Let me look at the text as well."],
    tool_calls=[Call(name="read_file", arguments=['{"path": "speech.txt"}'])],
    usage=Counts(input=412, output=38),
)

ANSWER = Reply(
    text=[
        "`most_common` splits at **spaces only**, so `fear` and `itself.` keep their "
        "punctuation, and `The` is not `the`. Count words instead:\n\n"
        "```python\n"
        "words = Counter(\n"
        '    re.findall(r"\\w+", text.lower())\n'
        ")\n"
        "```\n\n"
        "- `\\w+` leaves punctuation out\n"
        "- `lower()` joins *The* and *the*\n"
    ],
    usage=Counts(input=655, output=96),
)

REQUEST = "Count them right, please."

EDITS = {
    "path": "words.py",
    "edits": [
        {
            "old": "from collections import Counter\n",
            "new": "import re\nfrom collections import Counter\n",
        },
        {
            "old": "words = Counter(text.split())",
            "new": 'words = Counter(re.findall(r"\\w+", text.lower()))',
        },
    ],
}

EDITING = Reply(
    text=["I count words instead of what stands between spaces."],
    tool_calls=[Call(name="edit_file", arguments=[json.dumps(EDITS)])],
    usage=Counts(input=804, output=121),
)

AGAIN = "Can I count them in one line?"

SHORTER = Reply(
    text=[
        "One line does it, and counts *The* and *the* as one word:\n\n"
        "```python\n"
        'words = Counter(re.findall(r"\\w+", text.lower()))\n'
        "```\n"
    ],
    usage=Counts(input=640, output=41),
)
