"""Does tasks with PyTorch as standard input says, as dev.quern.bench.gpu.Worker does them with Quern.

torch_worker.py DEVICE SECONDS: cuda:0, or cpu to try it. Requests and answers are described in Worker.java; the
variants are eager, compile (torch.compile) and graph (a captured CUDA graph).
"""

import json
import os
import sys
import time

WARM_UP_SAMPLES = 4
MOST_REPEATS = 2000
RATE = 0.01

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # answers alone go to standard output, whatever a library prints


def answer(value):
    answers.write(json.dumps(value) + "\n")
    answers.flush()


class Clock:
    """Times runs on a device: by the wall clock, and by events where the device has them."""

    def __init__(self, torch, device):
        self.torch = torch
        self.cuda = device.type == "cuda"

    def synchronize(self):
        if self.cuda:
            self.torch.cuda.synchronize()

    def wall(self, run, times):
        self.synchronize()
        start = time.perf_counter()
        for _ in range(times):
            run()
        self.synchronize()
        return time.perf_counter() - start

    def device(self, run, times):
        if not self.cuda:
            return self.wall(run, times)
        start = self.torch.cuda.Event(enable_timing=True)
        end = self.torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(times):
            run()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1e3


class Tasks:
    """Makes what a task runs."""

    def __init__(self, torch, device):
        self.torch = torch
        self.device = device

    def of(self, variant, kind, precision, sizes):
        if kind == "mlp":
            return self.mlp(variant, precision, sizes)
        function, inputs = getattr(self, kind)(precision, sizes)
        if variant == "compile":
            function = self.torch.compile(function)
        if kind == "copy":
            run = self.copied(inputs[0])
        else:
            run = lambda: function(*inputs)
        return self.captured(run) if variant == "graph" else run

    def randn(self, *shape):
        return self.torch.randn(*shape, device=self.device)

    def copy(self, precision, sizes):
        return None, [self.randn(sizes[0])]

    def copied(self, source):
        target = self.torch.empty_like(source)
        return lambda: target.copy_(source)

    def map(self, precision, sizes):
        ops, n = sizes

        def three(x, y, z):
            return (x * y + z).relu()

        def eight(x, y, z):
            return ((three(x, y, z) * 0.5 + 1).sqrt() - x).abs()

        if ops == 1:
            return lambda x, y: x + y, [self.randn(n), self.randn(n)]
        chain = {3: three, 8: eight}[ops]
        return chain, [self.randn(n), self.randn(n), self.randn(n)]

    def launch(self, precision, sizes):
        return lambda x: x + 1, [self.randn(sizes[0])]

    def tanh(self, precision, sizes):
        return self.torch.tanh, [self.randn(sizes[0])]

    def sum(self, precision, sizes):
        return self.torch.sum, [self.torch.rand(sizes[0], device=self.device)]

    def colsum(self, precision, sizes):
        return lambda x: x.sum(0), [self.torch.rand(*sizes, device=self.device)]

    def softmax(self, precision, sizes):
        return lambda x: self.torch.softmax(x, 1), [self.randn(*sizes)]

    def matmul(self, precision, sizes):
        m, k, n = sizes
        dtype = self.torch.bfloat16 if precision == "bf16" else self.torch.float32
        a, b = self.randn(m, k).to(dtype), self.randn(k, n).to(dtype)

        def product(a, b):
            self.allow_tf32(precision)
            return a @ b

        return product, [a, b]

    def allow_tf32(self, precision):
        self.torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"

    def mlp(self, variant, precision, sizes):
        torch = self.torch
        self.allow_tf32(precision)
        batch, widths = sizes[0], sizes[1:]
        layers = []
        for i in range(len(widths) - 1):
            layers.append(torch.nn.Linear(widths[i], widths[i + 1], device=self.device))
            if i + 2 < len(widths):
                layers.append(torch.nn.ReLU())
        model = torch.nn.Sequential(*layers)
        optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
        x = torch.rand(batch, widths[0], device=self.device)
        labels = torch.randint(0, widths[-1], (batch,), device=self.device)

        def forward(x, labels):
            with torch.autocast(self.device.type, torch.bfloat16, enabled=precision == "bf16"):
                return torch.nn.functional.cross_entropy(model(x), labels)

        loss = torch.compile(forward) if variant == "compile" else forward

        def step():
            self.allow_tf32(precision)
            optimizer.zero_grad(set_to_none=True)
            loss(x, labels).backward()
            optimizer.step()

        return self.captured(step) if variant == "graph" else step

    def captured(self, run):
        """Returns the replay of a run captured in a CUDA graph."""
        torch = self.torch
        if self.device.type != "cuda":
            raise ValueError("graph: only on CUDA: " + str(self.device))
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                run()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            run()
        return graph.replay


class Worker:
    def __init__(self, torch, device, sample_seconds):
        self.torch = torch
        self.device = device
        self.sample_seconds = sample_seconds
        self.clock = Clock(torch, device)
        self.tasks = Tasks(torch, device)
        self.open = {}

    def answer(self, words):
        verb, arguments = words[0], words[1:]
        if verb == "hello":
            cuda = self.device.type == "cuda"
            return {
                "device": str(self.device),
                "name": self.torch.cuda.get_device_name(self.device) if cuda else "cpu",
                "details": "PyTorch " + self.torch.__version__,
                "cuda": self.torch.version.cuda,
            }
        if verb == "open":
            return self.prepare(arguments)
        if verb == "measure":
            run, times = self.open[arguments[0]]
            return {
                "wall_ns": self.clock.wall(run, times) / times * 1e9,
                "device_ns": self.clock.device(run, times) / times * 1e9,
                "repeats": times,
            }
        if verb == "close":
            self.open.pop(arguments[0], None)
            if self.clock.cuda:
                self.torch.cuda.empty_cache()
            return {}
        raise ValueError("unknown request: " + " ".join(words))

    def prepare(self, arguments):
        key, variant, kind, precision = arguments[:4]
        run = self.tasks.of(variant, kind, precision, [int(size) for size in arguments[4:]])
        start = time.perf_counter()
        one, runs = float("inf"), 0
        while time.perf_counter() - start < WARM_UP_SAMPLES * self.sample_seconds or runs < 3:
            one = min(one, self.clock.wall(run, 1))
            runs += 1
        self.open[key] = (run, int(max(1, min(MOST_REPEATS, self.sample_seconds / one))))
        return {}


def main():
    try:
        import torch

        device = torch.device(sys.argv[1] if sys.argv[1].startswith("cuda") else "cpu")
        torch.zeros(1, device=device)
    except Exception as e:
        for _ in sys.stdin:
            answer({"fatal": "no PyTorch on this device: " + repr(e)})
        return
    worker = Worker(torch, device, float(sys.argv[2]))
    for line in sys.stdin:
        try:
            answer(worker.answer(line.split()))
        except Exception as e:
            failure = {"error": repr(e)[:2000]}
            try:
                worker.clock.synchronize()
            except Exception:
                failure["lost"] = True
            answer(failure)


if __name__ == "__main__":
    main()
