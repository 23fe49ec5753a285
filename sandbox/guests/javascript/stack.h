/* Put before every file of QuickJS by `-include` (see ../README.md).
 *
 * QuickJS does not watch the stack where `__wasi__` is defined: deep recursion would then end the guest, in place of
 * raising a RangeError that a program can catch and read. The check works here as elsewhere, since the stack whose
 * addresses it compares lies in the guest's memory. So the name is taken away, once libc's own headers, which need it,
 * have been read. `__GLIBC__` says that there is `malloc_usable_size`, and nothing else to these files. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#undef __wasi__
#define __GLIBC__ 2
