# Walks over everything that it can see.
# expect: output contains seen
# must not: etc|usr|secret
import os
seen = []
for folder, folders, files in os.walk("/"):
    seen += [os.path.join(folder, name) for name in folders + files]
print("seen", sorted(seen)[:50])
