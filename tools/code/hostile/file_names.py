# Names that trouble file systems and terminals.
# expect: output contains tried
import os
for name in ["\u202egnp.exe", "a\nb", "\ud800", "x" * 300, "NUL", "CON.txt", "-rf", " ", "a\x1b[31m", "\x00", "é", "e\u0301", "."]:
    try:
        with open(name, "w") as file:
            file.write("x")
    except (OSError, ValueError) as error:
        print(type(error).__name__)
print("tried")
