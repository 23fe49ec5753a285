# Sleeps for an hour.
# expect: limit wall
import time
time.sleep(3600)
