# Reads a file of the host by its absolute path.
# expect: error FileNotFoundError|PermissionError|OSError
# must not: root:
print(open("/etc/passwd").read())
