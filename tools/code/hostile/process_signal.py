# Sends itself and others signals.
# expect: error AttributeError|OSError|NotImplementedError|ModuleNotFoundError|ValueError
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.kill(os.getppid(), 9)
