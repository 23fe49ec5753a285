"""A grammar of one- and two-step word problems.

Each maker returns (question, [steps], answer): steps are expressions in which `#1`
stands for the first result, the answer holds `{r}`. Verbs, objects, the order of facts
and the way of asking vary independently.
"""

import names
from numerals import SIGNS, integer, price, shown

GAIN = "gets {b} more|buys {b} more|finds {b} more|receives {b} more|picks up another {b}|is given {b} more|wins {b} more|collects {b} more|adds {b}|makes {b} more|earns {b} more|borrows {b} more|gets {b} extra|is handed {b} more|orders {b} more|gathers {b} more|discovers {b} more in a drawer|gets {b} as a gift|brings home {b} more|takes {b} more from a friend"
GAIN_PAST = "got {b} more|bought {b} more|found {b} more|received {b} more|picked up another {b}|was given {b} more|won {b} more|collected {b} more|added {b}|made {b} more|borrowed {b} more|got {b} from {B}|was sent {b} by {B}"
LOSE = "gives away {b}|loses {b}|sells {b}|uses {b}|gives {b} to {B}|throws away {b}|breaks {b}|donates {b}|drops {b}|lends {b} to {B}|hands {b} to {B}|spends {b}|uses up {b}|gives {b} of them to {B}|trades away {b}|mails {b} to {B}|leaves {b} on the bus|ruins {b}|returns {b} to the shop|misplaces {b}"
LOSE_PAST = "gave away {b}|lost {b}|sold {b}|used {b}|gave {b} to {B}|threw away {b}|broke {b}|donated {b}|dropped {b}|lent {b} to {B}|handed {b} to {B}|got rid of {b}|misplaced {b}"
HAS = "{A} has {a} {it}.|{A} owns {a} {it}.|{A} starts with {a} {it}.|{A} counted {a} {it}.|{A} keeps {a} {it} in a box.|{A} has a collection of {a} {it}.|{A} brought {a} {it}.|{A} holds {a} {it}.|{A} is carrying {a} {it}.|{A} has got {a} {it}.|There are {a} {it} on {A}'s table.|On the shelf {A} has {a} {it}."
HAD = "{A} had {a} {it}.|{A} owned {a} {it}.|{A} started with {a} {it}.|At first {A} had {a} {it}.|In the morning {A} had {a} {it}.|Yesterday {A} had {a} {it}.|{A} once had {a} {it}.|{A} came with {a} {it}."
NOW = "How many {it} does {A} have now?|How many {it} does {A} have in the end?|How many {it} are there now?|What is the number of {it} now?|How many does {A} end up with?|How many {it} is that now?|So how many {it} does {A} have?|How many {it} does {he} have now?|now how many are there?|Find the number of {it} {A} has now."
LEFT = "How many {it} does {A} have left?|How many {it} are left?|How many remain?|How many {it} does {A} still have?|What is left?|How many {it} remain?|How many does {he} have left over?|how many are left for {A}?|How many {it} stay with {A}?"
CONTAINERS = "box boxes|bag bags|basket baskets|crate crates|pack packs|tray trays|jar jars|row rows|shelf shelves|drawer drawers|carton cartons|bundle bundles|folder folders|table tables|bucket buckets|case cases|sack sacks|stack stacks|page pages|tin tins"
GROUPS = "There are {a} {cs} with {b} {it} each. How many {it} are there?|{A} has {a} {cs} of {b} {it}. How many {it} is that?|Each {c} holds {b} {it}. How many {it} are in {a} {cs}?|{A} fills {a} {cs} with {b} {it} each. How many {it} does {he} use?|If one {c} has {b} {it}, how many are in {a} {cs}?|How many {it} are in {a} {cs} if there are {b} in each?|A shop orders {a} {cs}, each with {b} {it}. How many {it} does it get?|{a} {cs}, {b} {it} per {c}. Total {it}?|{A} packs {b} {it} into every {c}. There are {a} {cs}. How many {it} in all?|You have {a} {cs}. In every {c} lie {b} {it}. How many {it} do you have altogether?|{A} bought {a} {cs}. Every {c} contains {b} {it}. How many {it} did {he} buy?|With {b} {it} to a {c}, how many {it} fill {a} {cs}?|We carried {a} {cs} upstairs, {b} {it} in each. How many {it} did we carry?|in a {c} are {b} {it}. how many in {a} {cs}?|How many {it} do you need to fill {a} {cs} with {b} apiece?|{A} counts {a} {cs} and sees {b} {it} in each of them. How many {it} are there in total?"
SHARE = "{A} shares {t} {it} equally among {b} friends. How many does each get?|{t} {it} are divided among {b} children. How many {it} per child?|{b} people split {t} {it} evenly. How many does each person get?|{A} has {t} {it} for {b} people. How many does everyone get?|If {t} {it} are shared by {b} cousins, how many {it} does each receive?|Divide {t} {it} fairly between {b} pupils. How many each?|There are {t} {it} and {b} plates. How many {it} go on each plate if all are equal?|{A} wants to give {t} {it} to {b} neighbours in equal parts. How many does each one get?|{b} teams share {t} {it}. How many for each team?|how many {it} does each of {b} kids get out of {t}?|A bag of {t} {it} is split evenly by {b} friends. What is one share?|{A} deals {t} cards to {b} players. How many cards does each hold?"
PACK = "{A} has {t} {it} and puts {b} in each {c}. How many {cs} does {he} need?|How many {cs} of {b} can you fill with {t} {it}?|{t} {it} are packed {b} to a {c}. How many {cs} is that?|A {c} holds {b} {it}. How many {cs} do {t} {it} need?|{A} must store {t} {it}, {b} per {c}. How many {cs}?|If {b} {it} fit in one {c}, how many {cs} are needed for {t} {it}?|A baker has {t} {it} and sells them in {cs} of {b}. How many {cs} are there?|with {t} {it} and {b} in every {c}, how many {cs} will there be?|{t} {it} go into {cs} of {b}. Number of {cs}?"
MORE = "{A} has {a} {it}. {B} has {b} more than {A}. How many {it} does {B} have?|{B} has {b} more {it} than {A}, who has {a}. How many does {B} have?|{A} picked {a} {it} and {B} picked {b} more than that. How many did {B} pick?|If {A} has {a} {it} and {B} has {b} more, how many does {B} have?|{B} owns {b} {it} more than {A}. {A} owns {a}. What does {B} own?|{A} made {a} {it}; {B} beat {A} by {b}. How many did {B} make?|{A} sold {a} {it}. {B} sold {b} more. How many {it} did {B} sell?|{A} read {a} pages and {B} {b} pages more. How many did {B} read?"
FEWER = "{A} has {a} {it}. {B} has {b} fewer than {A}. How many {it} does {B} have?|{B} has {b} fewer {it} than {A}, who has {a}. How many does {B} have?|{A} picked {a} {it} and {B} picked {b} less. How many did {B} pick?|If {A} has {a} {it} and {B} has {b} fewer, how many does {B} have?|{B} owns {b} {it} less than {A}. {A} owns {a}. What does {B} own?|{A} made {a} {it}; {B} made {b} fewer. How many did {B} make?|{A} scored {a} points, {b} more than {B}. How many did {B} score?|{A} has {a} {it}, which is {b} more than {B} has. How many does {B} have?"
DIFFERENCE = "{A} has {a} {it} and {B} has {b}. How many more does {A} have?|{A} scored {a} points and {B} scored {b}. By how many points did {A} win?|How many more {it} does {A} have than {B} if {A} has {a} and {B} has {b}?|{A} needs {a} {it} but has only {b}. How many more are needed?|A team wants {a} points and has {b}. How many points are missing?|{A} ran {a} metres and {B} ran {b} metres. What is the difference?|There were {a} {it} and now there are {b}. How many are gone?|{A} had {a} {it}. After the party only {b} were left. How many were used?|{A} has {b} {it} and {B} has {a}. How many fewer does {A} have?|The hall has {a} seats and {b} are taken. How many are free?|{A} wants to read {a} pages and has read {b}. How many pages are left to read?|A rope of {a} m is cut and {b} m are taken. How long is the rest?|Of {a} {it}, {b} are red and the others are blue. How many are blue?|A class of {a} has {b} girls. How many boys are there?|The trip is {a} km long and we have done {b} km. How far is it still?|{b} of the {a} {it} were sold. How many were not?|how much taller is a tower of {a} m than one of {b} m?|{A} is {a} years old and {B} is {b}. How many years older is {A}?|{A} weighed {a} kilos and now weighs {b}. How many kilos did {he} lose?"
TOGETHER = "{A} has {a} {it} and {B} has {b}. How many {it} do they have together?|{A} collected {a} {it} and {B} collected {b}. What is the total?|If {A} has {a} {it} and {B} has {b}, how many are there altogether?|There are {a} {it} in one box and {b} in another. How many in all?|{A} and {B} have {a} and {b} {it}. How many is that combined?|On Monday {A} sold {a} {it}, on Tuesday {b}. How many were sold?|{a} {it} came in the morning and {b} in the afternoon. How many came that day?|A shop has {a} red and {b} green {it}. How many {it} does it have?|{A} baked {a} {it} before lunch and {b} after. How many did {he} bake?|One jar has {a} {it}, the other {b}. Total?|{A} walked {a} metres, then {b} more. How far did {he} walk?|The left shelf holds {a} {it}, the right one {b}. How many {it} are on both?|{a} men and {b} women came to the show. How many people came?|We drove {a} km yesterday and {b} km today. How far is that in total?|{A} spent {a} minutes cooking and {b} minutes eating. How many minutes is that?"
THREE = "{A} has {a} {it}, {B} has {b} and {C} has {d}. How many in total?|On Monday {A} sold {a} {it}, on Tuesday {b} and on Wednesday {d}. How many were sold?|I have {a} {it} at home, {b} at work and {d} in the car. How many in total?|There are {a} red, {b} blue and {d} green {it}. How many {it} is that?|{A}, {B} and {C} picked {a}, {b} and {d} {it}. How many did they pick together?|three boxes hold {a}, {b} and {d} {it}. How many {it} in all?"
TIMES = "{A} has {a} {it}. {B} has {k} as many. How many {it} does {B} have?|{B} has {k} as many {it} as {A}, who has {a}. How many does {B} have?|If {A} has {a} {it} and {B} has {k} that, how many does {B} have?|{A} owns {a} {it} and {B} owns {k} as many. How many does {B} own?|{B} collected {k} as many {it} as {A} did. {A} collected {a}. How many did {B} collect?|{A} ran {a} metres. {B} ran {k} as far. How far did {B} run?|{A} earns {a} a day and {B} earns {k} as much. What does {B} earn?"
COST = "{A} buys {n} {ps} at {p} each. How much does it cost?|How much do {n} {ps} cost at {p} each?|A {pi} costs {p}. How much are {n} {ps}?|If one {pi} is {p}, what do {n} {ps} cost?|I want {n} {ps} and each one is {p}. How much is that?|What will I pay for {n} {ps} priced at {p} each?|Each {pi} sells for {p}. {A} sells {n} of them. How much does {he} make?|{n} {ps} at {p} apiece, what is the total?|Price of {n} {ps} if each costs {p}?|{A} wants to buy {n} {ps}. One {pi} costs {p}. What will {he} pay?|We need {n} {ps}. They are {p} a piece. What do we pay?|{A} ordered {n} {ps} for {p} each. What is the bill?|{n} people each pay {p} for a {pi}. How much is collected?|A shop sold {n} {ps} today, {p} each. How much money came in?|at {p} per {pi}, how much for {n}?|My {pi} habit costs {p} a day. What is that in {n} days?|how much money do I need for {n} {ps} if a {pi} is {p}"
UNIT_PRICE = "{n} {ps} cost {t}. How much is one {pi}?|If {n} {ps} cost {t}, what is the price of one?|{A} paid {t} for {n} {ps}. How much was each?|A pack of {n} {ps} is {t}. What does a single {pi} cost?|What is the price per {pi} if {n} of them cost {t}?|I paid {t} for {n} {ps}, how much per {pi}?|{t} for {n} {ps}: how much each?|{A} spent {t} on {n} {ps} that cost the same. What did one cost?|How much is one {pi} when {n} are {t}?"
CHANGE = "{A} buys a {pi} for {p} and pays with {t}. How much change does {he} get?|A {pi} costs {p}. {A} gives the cashier {t}. What is the change?|I pay for a {p} {pi} with {t}. How much do I get back?|{A} had {t} and spent {p} on a {pi}. How much is left?|{A} has {t}. A {pi} costs {p}. How much money remains after buying it?|From {t}, {A} pays {p}. What is left over?|You hand over {t} for a {pi} of {p}. How much comes back?|{A} had {t} in {his} pocket and bought a {pi} for {p}. How much does {he} have now?|what's my change from {t} if the {pi} is {p}?"
NEEDS = "A {pi} costs {t} and {A} has {p}. How much more does {he} need?|{A} saves for a {pi} of {t}. So far {he} has {p}. How much is missing?|I have {p} and the {pi} is {t}. How much am I short?|{A} wants a {t} {pi} but only has {p}. How much more money is needed?"
RATE = "{w} {v} {a} {it} per {u}. How many in {b} {u}s?|{w} {v} {a} {it} every {u}. How many {it} is that in {b} {u}s?|If {w} {v} {a} {it} each {u}, what is the total after {b} {u}s?|How many {it} in {b} {u}s if {w} {v} {a} a {u}?|In one {u} {w} {v} {a} {it}. How many in {b} {u}s?|{w} {v} {a} {it} a {u}. {b} {u}s later, how many is that?"
PER = "{w} {v} {t} {it} in {b} {u}s. How many per {u}?|In {b} {u}s {w} {v} {t} {it}. How many is that each {u}?|If {w} {v} {t} {it} over {b} {u}s, what is the number per {u}?|How many {it} per {u} if {w} {v} {t} in {b} {u}s?|{t} {it} in {b} {u}s, how many in one {u}?"
DISTANCE = "A {vh} travels at {a} {u} per hour for {b} hours. How far does it go?|How far does a {vh} go in {b} hours at {a} {u} per hour?|If a {vh} moves at {a} {u}/h for {b} hours, what distance does it cover?|{A} drives at {a} {u} per hour. How far can {he} drive in {b} hours?|A {vh} goes {a} {u} every hour. What distance in {b} hours?|At {a} {u} an hour, how many {u} in {b} hours?|{b} hours at {a} {u} per hour, how far?|{A} was on the road for {b} hours, doing {a} {u} an hour. How far did {he} get?"
SPEED = "{A} drives {t} {u} in {b} hours. What is the average speed?|A train covers {t} {u} in {b} hours. How fast is it?|If I travel {t} {u} in {b} hours, what is my speed?|What is the speed of a {vh} that goes {t} {u} in {b} hours?|It took {b} hours to go {t} {u}. What was the speed?|A {vh} needs {b} hours for {t} {u}. How many {u} per hour is that?"
DURATION = "How long does it take to drive {t} {u} at {b} {u} per hour?|A {vh} has to go {t} {u} at {b} {u}/h. How many hours will it take?|{A} lives {t} {u} away and drives {b} {u} per hour. How many hours is the trip?|At {b} {u} per hour, how many hours for {t} {u}?|The journey is {t} {u}. My speed is {b} {u} per hour. How many hours will it take?|{t} {u} at {b} {u} an hour: how many hours?"
AREA = "What is the area of a {th} {a} {u} by {b} {u}?|A {th} is {a} {u} long and {b} {u} wide. What is its area?|Find the area of a {th} with length {a} and width {b}.|A {th} measures {a} by {b} {u}. How big is its area?|How many square {u} is a {th} of {a} {u} by {b} {u}?|The {th} is {a} {u} wide and {b} {u} long, find the area|Area of a {a} by {b} {th}?|{A} paints a {th} of {a} by {b} {u}. What area is that?"
PERIMETER = "What is the perimeter of a {th} {a} {u} by {b} {u}?|A {th} is {a} {u} long and {b} {u} wide. What is its perimeter?|Find the perimeter of a {th} with length {a} and width {b}.|How far is it around a {th} that is {a} by {b} {u}?|Perimeter of a {a} by {b} {th}?|How much fence goes around a {th} of {a} by {b} {u}?|{A} walks once around a {th} of {a} by {b} {u}. How far is that?"
PERCENT_PART = "There are {a} {g}. {p} of them {wh}. How many is that?|{p} of {a} {g} {wh}. How many {g} {wh}?|Of {a} {g}, {p} {wh}. How many {wh}?|A group has {a} {g} and {p} {wh}. How many {g} {wh}?|If {p} of the {a} {g} {wh}, how many {g} is that?|In a town of {a} {g}, {p} {wh}. How many {g} {wh}?|We asked {a} {g} and {p} {wh}. How many are those?"
PERCENT_REST = "There are {a} {g}. {p} of them {wh}. How many do not?|Of {a} {g}, {p} {wh}. How many are the others?|If {p} of the {a} {g} {wh}, how many are left?|{p} of {a} {g} {wh}. How many of the {g} are not among them?"
SALE = "A {pi} costs {p} and is {q} off. What is the sale price?|A {pi} is {p}. With a {q} discount, how much is it?|{A} buys a {pi} for {p} with {q} off. How much does {he} pay?|How much is a {p} {pi} after {q} off?|There is a {q} sale. What does a {pi} that was {p} cost now?|The price of a {pi} is {p} but I have a {q} coupon. What do I pay?|The {pi} was {p}, now it is reduced by {q}. What is the new price?|A store takes {q} off a {p} {pi}. What is the final price?|Normally a {pi} is {p}; today it's {q} cheaper. What is it today?"
TAXED = "A {pi} costs {p} plus {q} tax. What is the total?|{A} buys a {pi} for {p}. Tax is {q}. How much does {he} pay?|The {pi} is {p} before {q} tax. What do I pay?|{A}'s {pi} cost {p} and {q} was added for shipping. What was the total?|The price of a {pi} was {p} and went up by {q}. What is it now?|A meal of {p} gets a {q} tip. What is the total?"
SPLIT_BILL = "The bill is {t}. {b} people split it equally. How much does each pay?|{b} friends share a bill of {t}. What does each one pay?|We are {b} people and the bill is {t}. How much per person?|{A} and friends, {b} people in total, divide {t} evenly. How much each?|How much does each of {b} people pay if the total is {t}?|Dinner was {t} for the {b} of us. What do I owe?|Rent is {t} and {b} flatmates share it. How much for each?|split a {t} taxi {b} ways, how much is each part?"
OLDER = "{A} is {a} years old. {B} is {b} years older. How old is {B}?|{B} is {b} years older than {A}. {A} is {a}. How old is {B}?|How old will {A} be in {b} years if {he} is {a} now?|{A} is {a} now. What is {his} age in {b} years?|My brother is {b} years older than me and I am {a}. How old is he?"
YOUNGER = "{A} is {a} years old. {B} is {b} years younger. How old is {B}?|{B} is {b} years younger than {A}. {A} is {a}. How old is {B}?|How old was {A} {b} years ago if {he} is {a} now?|{A} is {a} now. How old was {he} {b} years ago?|My sister is {b} years younger than me and I am {a}. How old is she?"
LEGS = "How many legs do {a} {an} have?|There are {a} {an} in the field. How many legs is that?|{A} sees {a} {an}. How many legs do they have together?"
FUEL = "A car goes {b} km per litre. How many litres for {t} km?|My car does {b} km on one litre. How much fuel do I need for {t} km?|How many litres does {A} need for {t} km at {b} km per litre?|The trip is {t} km and the car gets {b} km per litre. How much petrol is used?"
BUY_TWO = "{A} buys {n} {ps} at {p} each and a {pj} for {q}. How much does {he} spend?|{n} {ps} at {p} each plus a {pj} for {q}: what is the total?|I bought {n} {ps} for {p} each and one {pj} for {q}. How much did I pay?|A {pi} costs {p}. {A} takes {n} of them and a {pj} for {q}. What is the bill?|{A} orders {n} {ps}, each {p}, and pays {q} for delivery. What does {he} pay in all?|how much are {n} {ps} at {p} and one {pj} at {q}?"
BUY_CHANGE = "{A} buys {n} {ps} at {p} each and pays with {t}. How much change does {he} get?|{n} {ps} cost {p} each. {A} had {t}. How much is left after buying them?|I pay {t} for {n} {ps} at {p} each. What is my change?|{A} has {t} and buys {n} {ps} for {p} apiece. How much money is left?|From {t} {A} buys {n} {ps}, {p} each. What remains?"
BOXES_MINUS = "There are {a} {cs} with {b} {it} each. {d} {it} are broken. How many good {it} are there?|{A} has {a} {cs} of {b} {it} and gives away {d}. How many are left?|A shop gets {a} {cs} of {b} {it}. It sells {d}. How many {it} remain?|{a} {cs} hold {b} {it} each. If {d} are removed, how many {it} are left?|{A} fills {a} {cs} with {b} {it} and eats {d}. How many {it} are left?"
BOXES_PLUS = "{A} has {a} {cs} of {b} {it} and {d} loose ones. How many {it} is that?|There are {a} {cs} with {b} {it} each and {d} extra. How many {it} in all?|{A} buys {a} {cs} of {b} {it}. {he} already had {d}. How many {it} now?|In {a} {cs} there are {b} {it} each; another {d} lie on the floor. How many {it}?"
SAVE = "{A} saves {p} every {u}. {he} already has {q}. How much will {he} have after {n} {u}s?|I have {q} and save {p} a {u}. How much do I have after {n} {u}s?|Starting with {q}, {A} puts aside {p} each {u} for {n} {u}s. What is the total?|If I save {p} per {u} for {n} {u}s on top of {q}, how much is it?"
WAGE = "{A} earns {p} per hour and works {a} hours a day for {n} days. How much does {he} earn?|I make {p} an hour. I work {a} hours a day, {n} days. What do I earn?|Working {a} hours per day at {p} an hour, what is the pay for {n} days?|{A} is paid {p} an hour. How much is {n} days of {a} hours each?"
BUS = "A {vh} has {a} passengers. {b} get off and {d} get on. How many are on the {vh} now?|There are {a} people on a {vh}. At the stop {b} leave and {d} board. How many people now?|A {vh} leaves with {a} people, {b} get off, then {d} get on. How many people are on it?|{a} passengers are on the {vh}. {b} step off. {d} step on. How many are there?"
TIMES_TOGETHER = "{A} has {a} {it}. {B} has {k} as many. How many do they have together?|{B} has {k} as many {it} as {A}, who has {a}. How many in total?|If {A} has {a} {it} and {B} has {k} that, what is the total?|{A} owns {a} {it} and {B} owns {k} as many. How many altogether?"
MORE_TOGETHER = "{A} has {a} {it}. {B} has {b} more than {A}. How many do they have together?|{B} has {b} more {it} than {A}. {A} has {a}. How many {it} in total?|{A} picked {a} {it}, {B} picked {b} more. How many altogether?"
PAGES = "A book has {t} pages. {A} read {d} pages already and reads {b} pages a day. How many days to finish?|{A} has a {t} page book and has read {d} pages. At {b} pages per day, how many more days?|I am reading a book of {t} pages. I have done {d}. If I read {b} pages a day, how many days are left?|Of {t} pages, {d} are read. {A} reads {b} per day. How many days until the end?"
LEFT_SHARED = "{A} has {t} {it}, keeps {d} and shares the rest among {b} friends. How many does each friend get?|From {t} {it} {A} throws away {d} and splits the rest between {b} people. How many each?|{t} {it} minus {d} broken ones are divided among {b} shops. How many per shop?"
MULTIPLES = [("twice", "*2"), ("double", "*2"), ("three times", "*3"), ("four times", "*4"), ("five times", "*5"), ("half", "/2"), ("ten times", "*10"), ("six times", "*6"), ("a third", "/3")]
VEHICLES = "car train bus plane truck boat cyclist drone tram ferry".split()
PLACES = "room garden field yard wall floor park rectangle lawn hall carpet".split()
GROUPS_OF = "students people workers fans birds trees voters members guests pupils".split()
TRAITS = "are girls|wear glasses|are absent|like tea|are new|voted yes|are tall|come by bus|speak French|own a bike|are over forty|play chess".split("|")
WORKERS = "a factory|a machine|a baker|a worker|a shop|a printer|a robot|a farm".split("|")
MAKES = "makes produces sells builds prints packs ships finishes".split()


class Stories:
    """Draws word problems with a given random generator."""

    ONE = "gain lose groups share pack more fewer difference together three times cost unit_price change needs rate per distance speed duration area perimeter percent_part sale taxed split older younger legs fuel".split()
    TWO = "gain_lose buy_two buy_change boxes_minus boxes_plus save wage bus times_together more_together pages left_shared percent_rest".split()

    def __init__(self, rng):
        self.rng = rng

    def draw(self, steps):
        """(question, [steps], answer) with one or two steps."""
        kind = self.rng.choice(self.ONE if steps == 1 else self.TWO)
        self.begin()
        question, expressions, answer = getattr(self, kind)()
        r = self.rng
        if r.random() < 0.12:
            question = question.lower()
        if r.random() < 0.05:
            question = r.choice(["Hi! ", "Question: ", "Please help: ", "hey, ", "Word problem: ", "Can you solve this? "]) + question
        return question, expressions, answer

    def begin(self):
        r = self.rng
        self.A, self.B = names.two_people(r)
        self.C = names.person(r)
        self.he, self.his = r.choice([("he", "his"), ("she", "her")])
        self.it = r.choice(names.ITEMS)
        self.pi, self.pj = r.sample(names.PRICED, 2)
        self.c, self.cs = r.choice(CONTAINERS.split("|")).split()
        self.sign = r.choice(["$", "$", "$", "€", "£"])
        self.slots = {}

    def n(self, key, low=2, high=300):
        """Draws an integer, remembers how it is shown, returns its plain text."""
        text = str(integer(self.rng, low, high))
        self.slots[key] = shown(text, self.rng, 0.15)
        return text

    def fixed(self, key, value):
        self.slots[key] = shown(str(value), self.rng, 0.05)
        return str(value)

    def money(self, key, low=1, high=90):
        p = price(self.rng, low, high)
        self.slots[key] = self.sign + p.shown
        return p.plain

    def percent(self, key):
        p = self.rng.choice([5, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, self.rng.randint(2, 95)])
        self.slots[key] = f"{p}{self.rng.choice(['%', '%', ' percent'])}"
        return str(p)

    def tell(self, wordings, **more):
        base = {"A": self.A, "B": self.B, "C": self.C, "he": self.he, "his": self.his, "it": self.it, "pi": self.pi, "ps": names.plural(self.pi), "pj": self.pj, "c": self.c, "cs": self.cs}
        text = self.rng.choice(wordings.split("|")).format(**{**base, **self.slots, **more})
        parts = [p[:1].upper() + p[1:] for p in text.split(". ")]
        return ". ".join(parts)

    def story(self, *parts):
        return " ".join(self.tell(p) for p in parts)

    def event(self, past, gain):
        """One sentence in which the number of things changes."""
        verbs = (GAIN_PAST if past else GAIN) if gain else (LOSE_PAST if past else LOSE)
        starts = "{A} |Then {A} |{he} |Then {he} |Later {he} |After that {A} |Today {he} "
        return self.tell(self.rng.choice(starts.split("|")) + self.rng.choice(verbs.split("|")) + ".")

    def gain(self):
        a, b = self.n("a"), self.n("b")
        past = self.rng.random() < 0.5
        return " ".join([self.tell(HAD if past else HAS), self.event(past, True), self.tell(NOW)]), [f"{a}+{b}"], f"{self.A} has {{r}} {self.it}."

    def lose(self):
        a = self.n("a", 5, 500)
        b = self.n("b", 2, int(a) - 1)
        past = self.rng.random() < 0.5
        return " ".join([self.tell(HAD if past else HAS), self.event(past, False), self.tell(LEFT)]), [f"{a}-{b}"], f"{self.A} has {{r}} {self.it} left."

    def gain_lose(self):
        a = self.n("a", 5, 400)
        b = self.n("b", 2, int(a) - 1)
        past, gain_first = self.rng.random() < 0.5, self.rng.random() < 0.5
        first = self.event(past, gain_first)
        d = self.n("b", 2, int(a) - int(b) if not gain_first and int(a) - int(b) > 2 else 60)
        second_gain = not gain_first or self.rng.random() < 0.3
        second = self.event(past, second_gain)
        steps = [f"{a}{'+' if gain_first else '-'}{b}", f"#1{'+' if second_gain else '-'}{d}"]
        return " ".join([self.tell(HAD if past else HAS), first, second, self.tell(NOW)]), steps, f"{self.A} has {{r}} {self.it}."

    def groups(self):
        a, b = self.n("a", 2, 60), self.n("b", 2, 80)
        return self.tell(GROUPS), [f"{a}*{b}"], f"There are {{r}} {self.it}."

    def divided(self, low=2, high=90):
        """A dividend `t` and a divisor `b` that mostly goes into it."""
        b = self.n("b", 2, 24)
        t = self.fixed("t", int(b) * integer(self.rng, low, high)) if self.rng.random() < 0.85 else self.n("t", 20, 900)
        return t, b

    def share(self):
        t, b = self.divided()
        return self.tell(SHARE), [f"{t}/{b}"], "Each gets {r}."

    def pack(self):
        t, b = self.divided()
        return self.tell(PACK), [f"{t}/{b}"], f"It takes {{r}} {self.cs}."

    def more(self):
        a, b = self.n("a"), self.n("b")
        return self.tell(MORE), [f"{a}+{b}"], f"The number for {self.B} is {{r}}."

    def fewer(self):
        a = self.n("a", 5, 400)
        b = self.n("b", 2, int(a) - 1)
        return self.tell(FEWER), [f"{a}-{b}"], f"The number for {self.B} is {{r}}."

    def difference(self):
        a = self.n("a", 6, 900)
        b = self.n("b", 2, int(a) - 1)
        return self.tell(DIFFERENCE), [f"{a}-{b}"], "The difference is {r}."

    def together(self):
        a, b = self.n("a", 2, 900), self.n("b", 2, 900)
        return self.tell(TOGETHER), [f"{a}+{b}"], "Together that is {r}."

    def three(self):
        a, b, d = self.n("a"), self.n("b"), self.n("d")
        return self.tell(THREE), [f"{a}+{b}+{d}"], "Together that is {r}."

    def multiple(self):
        k, tail = self.rng.choice(MULTIPLES)
        a = self.fixed("a", int(tail[1:]) * integer(self.rng, 2, 80)) if tail[0] == "/" else self.n("a", 2, 300)
        self.slots["k"] = k
        return a, tail

    def times(self):
        a, tail = self.multiple()
        return self.tell(TIMES), [f"{a}{tail}"], f"The number for {self.B} is {{r}}."

    def times_together(self):
        a, tail = self.multiple()
        return self.tell(TIMES_TOGETHER), [f"{a}{tail}", f"{a}+#1"], f"Together they have {{r}} {self.it}."

    def more_together(self):
        a, b = self.n("a"), self.n("b")
        return self.tell(MORE_TOGETHER), [f"{a}+{b}", f"{a}+#1"], f"Together they have {{r}} {self.it}."

    def paid(self):
        return f"{self.sign}{{r}}"

    def cost(self):
        n, p = self.n("n", 2, 60), self.money("p")
        return self.tell(COST), [f"{n}*{p}"], f"That costs {self.paid()}."

    def unit_price(self):
        n = self.n("n", 2, 30)
        t = str(int(n) * integer(self.rng, 2, 60))
        self.slots["t"] = self.sign + t
        return self.tell(UNIT_PRICE), [f"{t}/{n}"], f"One costs {self.paid()}."

    def change(self):
        p = self.money("p", 1, 60)
        t = str(self.rng.choice([x for x in (5, 10, 20, 50, 60, 80, 100, 200) if x > float(p)]))
        self.slots["t"] = self.sign + t
        return self.tell(CHANGE), [f"{t}-{p}"], f"{self.paid()} is left."

    def needs(self):
        p = self.money("p", 2, 90)
        t = str(int(float(p)) + integer(self.rng, 3, 400))
        self.slots["t"] = self.sign + t
        return self.tell(NEEDS), [f"{t}-{p}"], f"{self.paid()} is missing."

    def pace(self):
        r = self.rng
        return {"u": r.choice(["day", "week", "month", "hour", "minute", "year"]), "v": r.choice(MAKES), "w": r.choice([*WORKERS, self.A])}

    def rate(self):
        a, b = self.n("a", 2, 400), self.n("b", 2, 60)
        return self.tell(RATE, **self.pace()), [f"{a}*{b}"], f"That is {{r}} {self.it}."

    def per(self):
        t, b = self.divided()
        pace = self.pace()
        return self.tell(PER, **pace), [f"{t}/{b}"], f"That is {{r}} per {pace['u']}."

    def road(self):
        return {"u": self.rng.choice(["km", "miles"]), "vh": self.rng.choice(VEHICLES)}

    def distance(self):
        a, b, road = self.n("a", 8, 300), self.n("b", 2, 12), self.road()
        if self.rng.random() < 0.2:
            b = self.slots["b"] = f"{b}.5"
        return self.tell(DISTANCE, **road), [f"{a}*{b}"], f"That is {{r}} {road['u']}."

    def speed(self):
        (t, b), road = self.divided(10, 150), self.road()
        return self.tell(SPEED, **road), [f"{t}/{b}"], f"The speed is {{r}} {road['u']} per hour."

    def duration(self):
        b, road = self.n("b", 8, 150), self.road()
        t = self.fixed("t", int(b) * integer(self.rng, 2, 12))
        return self.tell(DURATION, **road), [f"{t}/{b}"], "It takes {r} hours."

    def sides(self):
        a, b = self.n("a", 2, 200), self.n("b", 2, 200)
        return a, b, {"u": self.rng.choice(["metres", "feet", "cm", "m"]), "th": self.rng.choice(PLACES)}

    def area(self):
        a, b, more = self.sides()
        return self.tell(AREA, **more), [f"{a}*{b}"], "The area is {r}."

    def perimeter(self):
        a, b, more = self.sides()
        return self.tell(PERIMETER, **more), [f"2*({a}+{b})"], "The perimeter is {r}."

    def crowd(self):
        p = self.percent("p")
        a = self.fixed("a", 20 * integer(self.rng, 1, 300)) if self.rng.random() < 0.7 else self.n("a", 20, 5000)
        g = self.rng.choice(GROUPS_OF)
        return a, p, {"g": g, "wh": self.rng.choice(TRAITS)}

    def percent_part(self):
        a, p, more = self.crowd()
        return self.tell(PERCENT_PART, **more), [f"{a}*{p}/100"], f"That is {{r}} {more['g']}."

    def percent_rest(self):
        a, p, more = self.crowd()
        return self.tell(PERCENT_REST, **more), [f"{a}*{p}/100", f"{a}-#1"], f"That leaves {{r}} {more['g']}."

    def sale(self):
        p, q = self.money("p", 5, 400), self.percent("q")
        return self.tell(SALE), [f"{p}*(100-{q})/100"], f"The price is {self.paid()}."

    def taxed(self):
        p, q = self.money("p", 5, 400), self.percent("q")
        return self.tell(TAXED), [f"{p}*(100+{q})/100"], f"The total is {self.paid()}."

    def split(self):
        b = self.n("b", 2, 12)
        t = str(int(b) * integer(self.rng, 3, 90)) if self.rng.random() < 0.7 else price(self.rng, 10, 400).plain
        self.slots["t"] = self.sign + t
        return self.tell(SPLIT_BILL), [f"{t}/{b}"], f"Each pays {self.paid()}."

    def older(self):
        a, b = self.n("a", 3, 70), self.n("b", 2, 30)
        return self.tell(OLDER), [f"{a}+{b}"], "The age is {r}."

    def younger(self):
        a = self.n("a", 6, 90)
        b = self.n("b", 2, int(a) - 1)
        return self.tell(YOUNGER), [f"{a}-{b}"], "The age is {r}."

    def legs(self):
        a = self.n("a", 2, 90)
        an, k = self.rng.choice([("cows", 4), ("horses", 4), ("sheep", 4), ("dogs", 4), ("hens", 2), ("ducks", 2), ("spiders", 8), ("ants", 6), ("beetles", 6)])
        return self.tell(LEGS, an=an), [f"{a}*{k}"], "They have {r} legs."

    def fuel(self):
        t, b = self.divided(5, 90)
        return self.tell(FUEL), [f"{t}/{b}"], "It takes {r} litres."

    def buy_two(self):
        n, p, q = self.n("n", 2, 30), self.money("p", 1, 60), self.money("q", 1, 90)
        return self.tell(BUY_TWO), [f"{n}*{p}", f"#1+{q}"], f"The total is {self.paid()}."

    def buy_change(self):
        n, p = self.n("n", 2, 12), self.money("p", 1, 20)
        total = int(n) * float(p)
        t = str(next(x for x in (20, 50, 100, 200, 500, 1000) if x > total))
        self.slots["t"] = self.sign + t
        return self.tell(BUY_CHANGE), [f"{n}*{p}", f"{t}-#1"], f"{self.paid()} is left."

    def boxes(self, gain):
        a, b = self.n("a", 2, 40), self.n("b", 3, 40)
        d = self.n("d", 2, int(a) * int(b) - 1)
        return [f"{a}*{b}", f"#1{'+' if gain else '-'}{d}"]

    def boxes_minus(self):
        steps = self.boxes(False)
        return self.tell(BOXES_MINUS), steps, f"There are {{r}} {self.it} left."

    def boxes_plus(self):
        steps = self.boxes(True)
        return self.tell(BOXES_PLUS), steps, f"There are {{r}} {self.it}."

    def save(self):
        p, n, q = self.money("p", 2, 90), self.n("n", 2, 52), self.money("q", 5, 900)
        return self.tell(SAVE, u=self.rng.choice(["week", "month", "day"])), [f"{p}*{n}", f"{q}+#1"], f"The total is {self.paid()}."

    def wage(self):
        p, a, n = self.money("p", 8, 40), self.n("a", 2, 12), self.n("n", 2, 30)
        return self.tell(WAGE), [f"{a}*{n}", f"#1*{p}"], f"The pay is {self.paid()}."

    def bus(self):
        a = self.n("a", 10, 90)
        b, d = self.n("b", 2, int(a) - 1), self.n("d", 2, 40)
        return self.tell(BUS, vh=self.rng.choice(["bus", "train", "ferry", "tram", "boat"])), [f"{a}-{b}", f"#1+{d}"], "There are {r} people."

    def pages(self):
        b, k, d = self.n("b", 3, 60), integer(self.rng, 2, 40), self.n("d", 5, 300)
        t = self.fixed("t", int(b) * k + int(d))
        return self.tell(PAGES), [f"{t}-{d}", f"#1/{b}"], "It takes {r} days."

    def left_shared(self):
        b, k, d = self.n("b", 2, 12), integer(self.rng, 2, 60), self.n("d", 2, 60)
        t = self.fixed("t", int(b) * k + int(d))
        return self.tell(LEFT_SHARED), [f"{t}-{d}", f"#1/{b}"], "Each gets {r}."
