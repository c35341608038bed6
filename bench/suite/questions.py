"""What is measured: questions A to P of the goals, and how the cost grows."""

import shlex
import shutil
import statistics
from dataclasses import dataclass, field

from suite import asked, data, parts, pipelines, public, streams
from suite.peers import THREADS
from suite.places import WORK, program
from suite.timing import (
    Contender,
    compare_answers,
    count_kept,
    progress,
    run,
    take_turns,
)

STRATEGIES = {  # nanoseconds to hand over one batch, roughly: for how many to try
    "callback": 12,
    "fiber": 30,
    "threads": 800,
}
TITLES = {
    "A": "station;-12.3, by station: min, mean, max",
    "B": "flights, by origin: count, sum, mean, min, max, stddev, quantiles, distinct",
    "C": "flights, one thread: count, sum, mean, min, max, stddev",
    "D1": "sum v1 by id1",
    "D2": "sum v1 by id1, id2",
    "D3": "sum v1, mean v3 by id3",
    "D4": "sum v1, v2, v3 by id6",
    "D5": "sum v3, count by id1 to id6",
    "J": "the rows of A from gz, by station: min, mean, max",
    "K": "JSON lines of some 280 bytes, by level: count, sum, mean",
    "L": "a web server's log, by status: count, sum; one thread",
    "M": "the rows of A, and more to each question",
    "N": "the rows of A with a time, in windows",
    "O": "a daemon: following, checkpoints, a monitor",
    "P": "many machines: merging parts, a part beside its share, ranks of MPI",
    "long": "windows over very many rows",
}

SLOW = ("GoAccess",)  # gets a tenth of the rows of question L


@dataclass
class Goal:
    letter: str
    what: str
    value: float
    limit: float
    unit: str = ""
    at_least: bool = False
    spoiled: bool = False  # measured on a machine that had other things to do

    @property
    def met(self):
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass
class Curve:
    """How a cost grows."""

    name: str
    title: str
    x: str
    y: str
    series: dict = field(default_factory=dict)  # name: [(x, y), ...]
    log_x: bool = True
    log_y: bool = False


class Suite:
    def __init__(self, fanoutd, peers, quick, rounds):
        self.fanoutd = fanoutd
        self.peers = peers
        self.quick = quick
        self.rounds = rounds
        # Seconds for all runs of one contender, where a run takes long.
        self.budget = 4 if quick else 30
        self.tool_budget = 2 if quick else 6
        self.rows = {"A": 5_000_000 if quick else 50_000_000, "B": 3_000_000, "C": 3_000_000}
        self.rows.update({"K": 600_000 if quick else 3_000_000, "L": 600_000 if quick else 3_000_000})
        self.rows.update({f"D{i}": 1_000_000 if quick else 10_000_000 for i in range(1, 6)})
        self.results = {}  # question: contenders
        self.goals = []
        self.spoiled = set()  # questions in which somebody had no calm run
        self.public = {}  # suite: what was asked, and by whom it was answered
        self.curves = []
        self.left_out = []

    def starts(self):
        """How long the peers' run-time systems take to start."""
        if not self.peers:
            return
        contenders = self.peers.start_contenders()
        take_turns(contenders, self.rounds, self.budget)
        self.peers.starts = {c.name: c.median for c in contenders if c.ran}

    # Whole questions.

    def question_a(self):
        path = data.stations(self.rows["A"])
        extra = [
            Contender(
                "floor", [program("bench-floor-stations"), path, str(THREADS)], rows=self.rows["A"]
            )
        ]
        if self.fanoutd:
            extra.append(
                self._fanoutd(pipelines.stations(1), path, self.rows["A"], "fanoutd, 1 partition")
            )
        by_name = self._ask("A", path, pipelines.stations(THREADS), THREADS, extra)
        self._faster("A", by_name, {"DuckDB": 6, "ClickHouse": 6, "Polars": 6})
        fanoutd, floor = by_name.get("fanoutd"), by_name["floor"]
        if fanoutd:
            self._goal("A", "time / floor's", fanoutd.ratio_to(floor), 1.5, "x")
            alone = by_name["fanoutd, 1 partition"]
            self._goal("H", "time with 1 partition / with 2", alone.ratio_to(fanoutd), 1.7, "x",
                       at_least=True, of="A")
            self._memory("A", path, pipelines.stations(THREADS), fanoutd)

    def question_b(self):
        path = data.flights()
        if not path:
            self.left_out.append("B (flights cannot be fetched)")
            return
        by_name = self._ask("B", path, pipelines.origins(), THREADS)
        self._faster("B", by_name, {"DuckDB": 5, "ClickHouse": 5})

    def question_c(self):
        path = data.flights()
        if not path:
            self.left_out.append("C (flights cannot be fetched)")
            return
        extra = [Contender("wc -l", ["wc", "-l", path], rows=self.rows["C"])]
        by_name = self._ask("C", path, pipelines.delays(), 1, extra)
        self._faster("C", by_name, {"DuckDB": 4})
        if by_name.get("fanoutd"):
            self._memory("C", path, pipelines.delays(), by_name["fanoutd"])

    # How many times as fast as others.
    FEW_GROUPS = {"DuckDB": 1, "ClickHouse": 1}
    MANY_GROUPS = {
        "D3": {"DuckDB": 1 / 0.15, "ClickHouse": 1},
        "D4": {"DuckDB": 1 / 0.15, "ClickHouse": 1},
        "D5": {"DuckDB": 1 / 0.35, "ClickHouse": 1 / 0.3},
    }

    def question_d(self):
        path = data.groupby(self.rows["D1"])
        for question in pipelines.GROUPBY:
            by_name = self._ask(question, path, pipelines.groupby(question), THREADS)
            self._faster(question, by_name, self.MANY_GROUPS.get(question, self.FEW_GROUPS))
        fanoutd, clickhouse = by_name.get("fanoutd"), by_name.get("ClickHouse")
        if fanoutd and fanoutd.ran and clickhouse and clickhouse.ran:
            share = fanoutd.peak_kib / clickhouse.peak_kib
            self._goal("D5", "memory / ClickHouse's", share, 0.4, "x")

    def question_e(self):
        """One by one."""
        share = 0.25 if self.quick else 1
        contenders = [
            self._numbers(strategy, 1, int(share * 8e8 / cost))
            for strategy, cost in STRATEGIES.items()
            if self.fanoutd
        ]
        if self.peers:
            contenders += self.peers.handing_over(share)
        contenders.append(self._loop(int(share * 1e9)))
        self._count("E", contenders)
        for contender in contenders:
            if contender.counting and contender.ran:
                count_kept(contender)
        for strategy, limit in (("callback", 8), ("fiber", 24), ("threads", 150)):
            self._element_goal("E", strategy, limit)

    def question_f(self):
        """In batches."""
        n = 200_000_000 if self.quick else 1_000_000_000
        contenders = [self._numbers(strategy, 4096, n) for strategy in STRATEGIES if self.fanoutd]
        self._count("F", contenders + [self._loop(n)])
        for strategy in STRATEGIES:
            self._element_goal("F", strategy, 0.35)

    def question_g(self):
        """More aggregates over one column."""
        if not self.fanoutd:
            return
        rows = 3_000_000 if self.quick else 10_000_000
        path = data.stations(rows)
        counts = (1, 4, 16, 64)
        runs = {
            (count, grouped): self._fanoutd(
                pipelines.many(count, grouped),
                path,
                rows,
                f"{count}, {'413 groups' if grouped else 'no groups'}",
            )
            for count in counts
            for grouped in (False, True)
        }
        self._measure("G", list(runs.values()), path)
        curve = Curve(
            "aggregates", "Cost against the number of aggregates", "aggregates", "ns a row"
        )
        for grouped, limit in ((False, 0.5), (True, 1.5)):
            name = "413 groups" if grouped else "no groups"
            one, most = runs[1, grouped], runs[64, grouped]
            each = [
                (b - a) / rows / 63 * 1e9
                for a, b in zip(one.seconds, most.seconds)
                if a is not None and b is not None
            ]
            if each:
                self._goal("G", f"each more, {name}", statistics.median(each), limit, "ns")
            curve.series[name] = [
                (count, runs[count, grouped].ns_per_row)
                for count in counts
                if runs[count, grouped].ran
            ]
        self.curves.append(curve)

    def question_i(self):
        """Memory at 1, 10 and 100 times the same input. The least is over before every thread has
        touched all of its buffers."""
        if not self.fanoutd:
            return
        rows = 100_000
        path = data.stations(rows)
        pipes = {f"by station, {name}": pipelines.stations(THREADS, name) for name in STRATEGIES}
        pipes["sketches"] = pipelines.sketches()
        curve = Curve("memory", "Memory against rows: one input 1, 10 and 100 times", "rows", "MiB")
        for name, pipeline in pipes.items():
            runs = [
                self._fanoutd(pipeline, [path] * times, rows * times, f"{name} x {times}")
                for times in (1, 10, 100)
            ]
            self._measure("I", runs, None)
            curve.series[name] = [(run.rows, run.peak_kib / 1024) for run in runs if run.ran]
            if runs[0].ran and runs[-1].ran:
                ratio = runs[-1].peak_kib / runs[0].peak_kib
                self._goal("I", f"{name}: memory x 100 / x 1", ratio, 1.25, "x")
        self.curves.append(curve)

    def question_j(self):
        """Packed rows, beside what does nothing but unpack them."""
        rows = self.rows["A"] // 5
        plain = data.stations(rows)
        path = data.packed(plain)
        tool = next((name for name in ("igzip", "gzip") if shutil.which(name)), None)
        contenders = []
        if self.fanoutd:
            contenders += [
                self._fanoutd(pipelines.stations(THREADS), path, rows),
                self._fanoutd(pipelines.stations(THREADS), plain, rows, "fanoutd, not packed"),
            ]
        if tool:
            command = ["sh", "-c", f"exec {tool} -dc {shlex.quote(str(path))} >/dev/null"]
            contenders.append(Contender(f"{tool} -dc", command, rows=rows))
        self._measure("J", contenders, path)
        by_name = {c.name: c for c in contenders if c.ran}
        if "fanoutd" in by_name and f"{tool} -dc" in by_name:
            ratio = by_name["fanoutd"].ratio_to(by_name[f"{tool} -dc"])
            self._goal("J", f"time / that of {tool} -dc alone", ratio, 1.15, "x")

    def question_k(self):
        path = data.logs("json", self.rows["K"])
        extra = []
        if self.fanoutd:
            extra.append(
                self._fanoutd(pipelines.levels(1), path, self.rows["K"], "fanoutd, 1 partition")
            )
        by_name = self._ask("K", path, pipelines.levels(THREADS), THREADS, extra)
        self._faster("K", by_name, {"DuckDB": 6, "ClickHouse": 6})
        alone = by_name.get("fanoutd, 1 partition")
        if alone and alone.ran:
            speed = path.stat().st_size / alone.median / 1e9
            self._goal("K", "with 1 partition", speed, 1, "GB/s", at_least=True)

    def question_l(self):
        rows = self.rows["L"]
        path = data.logs("clf", rows)
        contenders = []
        if self.fanoutd:
            contenders.append(self._fanoutd(pipelines.statuses(1), path, rows))
        if self.peers:
            contenders += [c for c in self.peers.text_tools("L", path, rows) if c.name not in SLOW]
        self._measure("L", contenders, path)
        if contenders and contenders[0].ran:
            compare_answers(contenders[0], contenders)
        if self.peers:
            few = rows // 10
            short = data.share(path, few, False)
            slow = [c for c in self.peers.text_tools("L", short, few) if c.name in SLOW]
            self._tools("L", slow, pipelines.statuses(1), short, few)
        by_name = {c.name: c for c in self.results.get("L", []) if c.ran}
        self._faster("L", by_name, {"mawk": 3, "GoAccess": 20})

    def question_m(self):
        """Filters, derived columns and several tables, each beside question A."""
        if not self.fanoutd:
            return
        rows = self.rows["A"] // 5
        path = data.stations(rows)
        runs = {
            name: self._fanoutd(pipeline, path, rows, name)
            for name, pipeline in pipelines.questions().items()
        }
        self._measure("M", list(runs.values()), path)

        def goal(text, name, other, limit):
            if runs[name].ran and runs[other].ran:
                self._goal("M", text, runs[name].ratio_to(runs[other]), limit, "x")

        goal("where t > 10 / no filter", "where t > 10", "no filter", 1.05)
        goal("where, 1 % of the rows / no filter", "where, 1 % of the rows", "no filter", 0.8)
        goal("a derived column / none", "a derived column", "no filter", 1.25)
        goal("where for each of 20 / for all", "20 aggregates, where for each",
             "20 aggregates, where for all", 1.1)
        goal("a derived table / none", "both, the second from the first",
             "by station and initial", 1.02)
        self._sum_goal("M", "two tables / one after the other", runs["by station, by rounded t"],
                       [runs["no filter"], runs["by rounded t"]], 1)

    def _sum_goal(self, question, text, together, apart, limit):
        """How long one run takes of what several take."""
        ratios = [
            seconds / sum(others)
            for seconds, *others in zip(together.seconds, *(run.seconds for run in apart))
            if seconds is not None and None not in others
        ]
        if ratios:
            self._goal(question, text, statistics.median(ratios), limit, "x")

    def question_n(self):
        if self.fanoutd:
            streams.question_n(self)

    def question_o(self):
        if self.fanoutd:
            streams.question_o(self)

    def question_p(self):
        if self.fanoutd:
            parts.question_p(self)

    def long(self):
        if self.fanoutd:
            streams.long(self)

    def growth(self):
        """With groups, rows, partitions, batch size."""
        if not self.fanoutd:
            return
        rounds = 1 if self.quick else 3
        some = 2_000_000 if self.quick else 10_000_000

        curve = Curve("groups", "Cost against the number of groups", "groups", "ns a row")
        for groups in (1, 10, 100, 1000, 10_000, 100_000, 1_000_000):
            path = data.stations(some, groups)
            self._point(curve, "fanoutd", groups, [
                self._fanoutd(pipelines.stations(THREADS), path, some)
            ], path, rounds)
        costs = dict(curve.series.get("fanoutd", []))
        for groups, limit in ((100_000, 25), (1_000_000, 60)):
            self._goal("growth", f"a row of {groups:,} groups", costs.get(groups), limit, "ns",
                       of="growth with groups")
        self.curves.append(curve)

        curve = Curve("rows", "Time against rows", "rows", "s", log_y=True)
        for rows in (self.rows["A"] // 1000, self.rows["A"] // 100, self.rows["A"] // 10,
                     self.rows["A"]):
            path = data.stations(rows)
            fanoutd = self._fanoutd(pipelines.stations(THREADS), path, rows)
            floor = Contender(
                "floor", [program("bench-floor-stations"), path, str(THREADS)], rows=rows
            )
            self._point(curve, None, rows, [fanoutd, floor], path, rounds, seconds=True)
        self.curves.append(curve)

        curve = Curve("partitions", "Time against partitions", "partitions", "s", log_x=False)
        path = data.stations(self.rows["A"])
        for partitions in (1, 2, 3, 4):
            self._point(curve, "fanoutd", partitions, [
                self._fanoutd(pipelines.stations(partitions), path, self.rows["A"])
            ], path, rounds, seconds=True)
        self.curves.append(curve)

        curve = Curve(
            "batch", "Cost against the batch size", "batch", "ns an element", log_y=True
        )
        for batch in (1, 4, 16, 64, 256, 1024, 4096, 16384):
            runs = []
            for strategy, cost in STRATEGIES.items():
                n = int((1e8 if self.quick else 4e8) / (cost / batch + 0.8))
                runs.append(self._numbers(strategy, batch, n))
                runs[-1].name = strategy
            self._point(curve, None, batch, runs, None, rounds)
        self.curves.append(curve)

    def ask_public(self, name):
        """A suite of public questions."""
        rows = public.ROWS[name] // (10 if self.quick else 1)
        path = data.public(name, rows)
        data.warm(path)
        answered = self.public[name] = []
        progress(f"\n{name} ")
        for question in asked.questions(name):
            contenders = []
            if self.fanoutd:
                contenders.append(self._fanoutd(question.pipeline, path, rows))
            if self.peers:
                contenders += self.peers.public(name, question.name, path, rows)
            self._measure(f"{name} {question.name}", contenders, None)
            public.compare(question, contenders)
            answered.append((question, contenders))
        for what, value, limit in public.goals(answered):
            spoiled = any(c.spoiled for _, contenders in answered for c in contenders)
            self.goals.append(Goal(name, what, value, limit, "x", True, spoiled))

    # How.

    def _fanoutd(self, pipeline, path, rows, name="fanoutd"):
        answer = WORK / f"answer-{name.replace(' ', '-').replace(',', '')}.csv"
        inputs = path if isinstance(path, list) else [path]
        return Contender(
            name,
            [self.fanoutd, "run", "-f", "csv", "-o", answer, pipeline, *inputs],
            answer,
            rows=rows,
        )

    def _numbers(self, strategy, batch, n):
        pipeline = pipelines.numbers(strategy, batch, n)
        command = [self.fanoutd, "run", "-f", "csv", pipeline]
        counting = [*command, "--stats", "-s", "source.stop=10000"] if batch == 1 else None
        return Contender(
            f"fanoutd, {strategy}", command, rows=n, limited=True, counting=counting
        )

    def _loop(self, n):
        return Contender("floor", [program("bench-floor-loop"), str(n)], rows=n)

    def _ask(self, question, path, pipeline, threads, extra=()):
        """Fanoutd and everybody else; by name."""
        rows = self.rows[question]
        contenders = [self._fanoutd(pipeline, path, rows)] if self.fanoutd else []
        contenders += extra
        if self.peers:
            contenders += self.peers.answering(question, path, rows, threads)
        self._measure(question, contenders, path)
        answering = [c for c in contenders if c.ran and c.name != "wc -l"]
        if answering:
            compare_answers(answering[0], answering)

        if self.peers:
            # The text tools get a tenth of the larger files.
            few = rows // 10 if question[0] in "AD" else rows
            short = data.share(path, few, question != "A") if few < rows else path
            tools = self.peers.text_tools(question, short, few)
            self._tools(question, tools, pipeline, short, few, answering)
        return {c.name: c for c in self.results.get(question, [])}

    def _tools(self, question, tools, pipeline, path, rows, answering=()):
        """Text tools, over some of the rows perhaps; who is ANSWERING has had all."""
        take_turns(tools, self.rounds, self.tool_budget)
        few = rows < self.rows[question]
        reference = answering[0] if answering else None
        if few:
            reference = self._fanoutd(pipeline, path, rows) if self.fanoutd else None
            if reference:
                run(reference)
        if reference and reference.ran:
            compare_answers(reference, tools)
        for tool in tools:
            tool.note = tool.note or (f"{rows:,} rows" if few else "")
        self.results.setdefault(question, []).extend(tools)

    def _measure(self, question, contenders, path, rounds=None):
        if not contenders:
            return
        if question not in self.results:
            progress(f"\n{question} ")
        if path:
            data.warm(path)
        take_turns(contenders, rounds or self.rounds, self.budget)
        if any(c.spoiled for c in contenders):
            self.spoiled.add(question)
        self.results.setdefault(question, []).extend(contenders)

    def _count(self, question, contenders):
        """The answers are known."""
        self._measure(question, contenders, None)
        for contender in contenders:
            if contender.ran:
                n = contender.rows
                told = contender.answer.read_text().split()[-1]
                contender.same = told == f"{n * (n - 1) // 2},{n - 1}"

    def _point(self, curve, name, x, contenders, path, rounds, seconds=False):
        self._measure(f"growth with {curve.name}", contenders, path, rounds)
        for contender in contenders:
            contender.note = f"{curve.x} {x}"
            if contender.ran:
                y = contender.median if seconds else contender.ns_per_row
                curve.series.setdefault(name or contender.name, []).append((x, y))

    def _goal(self, letter, what, value, limit, unit="", at_least=False, of=""):
        """OF: the question that was measured, if not LETTER."""
        if value is not None:
            spoiled = (of or letter) in self.spoiled and unit != "MiB"
            self.goals.append(Goal(letter, what, value, limit, unit, at_least, spoiled))

    def _faster(self, question, by_name, limits):
        fanoutd = by_name.get("fanoutd")
        for name, limit in limits.items():
            peer = by_name.get(name)
            if fanoutd and fanoutd.ran and peer and peer.ran:
                ratio = fanoutd.ratio_to(peer)
                self._goal(question, f"time / {name}'s", ratio, round(1 / limit, 3), "x")

    def _element_goal(self, question, strategy, limit):
        for contender in self.results[question]:
            if contender.name == f"fanoutd, {strategy}" and contender.ran:
                self._goal(question, strategy, contender.ns_per_row, limit, "ns")

    def _memory(self, question, path, pipeline, fanoutd):
        ten = self._fanoutd(pipeline, [path] * 10, self.rows[question] * 10, "fanoutd, rows x 10")
        self._measure("I", [ten], None, 1)
        ten.note = question
        for contender, what in ((fanoutd, "memory"), (ten, "memory, ten times the rows")):
            if contender.ran:
                self._goal("I", f"{question}: {what}", contender.peak_kib / 1024, 32, "MiB")
