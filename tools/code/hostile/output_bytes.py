# Bytes that are no text, and those that move cursors.
# expect: output contains end
import sys
sys.stdout.buffer.write(b"\xff\xfe\x00\x1b[2J\x1b]0;owned\x07\r\x08 end\n")
