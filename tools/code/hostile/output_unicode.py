# Half a character, and text that runs backwards.
# expect: output contains end or error UnicodeEncodeError
print("\u202e\u2066 abc \u2069 \u0000 end")
print("\ud800")
