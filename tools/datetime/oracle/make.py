"""Writes oracle/dates.jsonl: random questions with the answers of Python's datetime.

    python3 oracle/make.py > oracle/dates.jsonl

Python 3.8 or newer, nothing beside its standard library. Each line is [arguments, answer].
"""

import calendar
import datetime
import json
import random

random.seed(1969)
FIRST, LAST = datetime.date.min.toordinal(), datetime.date.max.toordinal()
WEEKDAYS = list(calendar.day_name)
DAY = datetime.timedelta(days=1)


def some_date():
    """Half of them in the years around ours, and some at the edges of months."""
    if random.random() < 0.5:
        date = datetime.date(1850, 1, 1) + random.randrange(300 * 365) * DAY
    else:
        date = datetime.date.fromordinal(random.randint(FIRST + 400, LAST - 400))
    if random.random() < 0.2:
        date = date.replace(day=random.choice([1, calendar.monthrange(date.year, date.month)[1]]))
    return date


def written(date):
    year, month = f"{date.year:04}", calendar.month_name[date.month]
    forms = [date.isoformat()] * 6
    forms += [f"{date.day} {month} {year}", f"{month} {date.day}, {year}", f"{date.day}.{date.month}.{year}"]
    forms += [f"{WEEKDAYS[date.weekday()]}, {month[:3]} {date.day} {year}", f"{year}/{date.month}/{date.day}"]
    return random.choice(forms)


def add_months(date, months):
    index = date.year * 12 + date.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date.replace(year=year, month=month, day=min(date.day, calendar.monthrange(year, month)[1]))


def is_working(date):
    return date.weekday() < 5


def weekday():
    date = some_date()
    return {"date": written(date)}, WEEKDAYS[date.weekday()]


def difference():
    a, b = some_date(), some_date()
    return {"date": written(a), "date2": written(b)}, str((b - a).days)


def add():
    date, days, weeks, months = some_date(), random.randint(-400, 400), random.randint(-30, 30), random.randint(-99, 99)
    chosen = random.choice([{"days": days}, {"weeks": weeks}, {"months": months}, {"months": months, "days": days}])
    try:
        moved = add_months(date, chosen.get("months", 0))
        moved += datetime.timedelta(days=chosen.get("days", 0), weeks=chosen.get("weeks", 0))
    except (ValueError, OverflowError):
        return add()
    return {"date": written(date), **chosen}, moved.isoformat()


def week_number():
    date = some_date()
    year, week, _ = date.isocalendar()
    return {"date": written(date)}, str(week) if year == date.year else f"{week} of {year}"


def days_in_month():
    date = some_date()
    return {"date": written(date)}, str(calendar.monthrange(date.year, date.month)[1])


def day_of_year():
    date = some_date()
    return {"date": written(date)}, str(date.timetuple().tm_yday)


def is_leap_year():
    date = some_date()
    return {"date": written(date)}, "yes" if calendar.isleap(date.year) else "no"


def age():
    birth = some_date()
    end = min(birth + random.randrange(40_000) * DAY, datetime.date.max) if birth.year < 9800 else birth + 300 * DAY
    months = 0
    while (birth.year * 12 + birth.month + months + 1, birth.day) <= (end.year * 12 + end.month, end.day):
        months += 1
    days = (end - add_months(birth, months)).days
    parts = [(months // 12, "year"), (months % 12, "month"), (days, "day")]
    text = ", ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n)
    return {"date": written(birth), "date2": written(end)}, text or "0 days"


def business_days():
    a = some_date()
    b = a + random.randint(-60, 60) * DAY
    low, high = min(a, b), max(a, b)
    count = sum(is_working(low + i * DAY) for i in range((high - low).days))
    return {"date": written(a), "date2": written(b)}, str(count if a <= b else -count)


def add_business_days():
    date, amount = some_date(), random.randint(-60, 60)
    moved, left = date, abs(amount)
    while left:
        moved += DAY if amount > 0 else -DAY
        left -= is_working(moved)
    return {"operation": "add", "date": written(date), "business_days": amount}, moved.isoformat()


def next_weekday():
    date, index = some_date(), random.randrange(7)
    step = random.choice([DAY, -DAY])
    found = date + step
    while found.weekday() != index:
        found += step
    operation = "next_weekday" if step == DAY else "previous_weekday"
    return {"operation": operation, "date": written(date), "weekday": WEEKDAYS[index]}, found.isoformat()


def nth_weekday():
    date, index, n = some_date(), random.randrange(7), random.choice([1, 2, 3, 4, -1])
    weeks = calendar.Calendar().monthdatescalendar(date.year, date.month)
    days = [day for week in weeks for day in week if day.month == date.month and day.weekday() == index]
    day = days[n - 1 if n > 0 else n]
    return {"date": f"{date.year:04}-{date.month:02}", "weekday": WEEKDAYS[index], "n": n}, day.isoformat()


def easter():
    """Gauss's rule with its two exceptions, another algorithm than the one under test."""
    year = random.randint(1583, 9999)
    k = year // 100
    m = (15 + k - (13 + 8 * k) // 25 - k // 4) % 30
    n = (4 + k - k // 4) % 7
    d = (19 * (year % 19) + m) % 30
    e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + n) % 7
    day = 22 + d + e
    if d == 29 and e == 6:
        day = 50
    if d == 28 and e == 6 and (11 * m + 11) % 30 < 19:
        day = 49
    return {"date": f"{year:04}"}, (datetime.date(year, 3, 1) + (day - 1) * DAY).isoformat()


KINDS = [weekday, difference, add, week_number, days_in_month, day_of_year, is_leap_year, age, business_days,
         add_business_days, next_weekday, nth_weekday, easter]

for number in range(2_600):
    kind = KINDS[number % len(KINDS)]
    arguments, answer = kind()
    print(json.dumps([{"operation": kind.__name__, **arguments}, answer], separators=(",", ":")))
