# The process of a contender in Python: pytorch, or openblas through numpy. Speaks the protocol of Worker.java.
# Arguments: its name, the number of threads.
import sys
import time

import numpy

NAME = sys.argv[1]
THREADS = int(sys.argv[2])
RATE = 0.5
SAMPLES = 48


def numbers(size, stream, scale=1.0):
    mixed = numpy.arange(size, dtype=numpy.uint32)
    mixed += numpy.uint32(7919 * stream)
    mixed *= numpy.uint32(2654435761)
    mixed >>= numpy.uint32(8)
    exact = mixed.astype(numpy.float32)
    exact *= numpy.float32(2.0**-24)
    exact -= numpy.float32(0.5)
    exact *= numpy.float32(scale)
    return exact


def samples(result):
    flat = numpy.ascontiguousarray(result).reshape(-1)
    n = flat.size
    count = min(SAMPLES, n)
    places = [0] if count == 1 else [(n - 1) * j // (count - 1) for j in range(count)]
    return " ".join([str(n)] + [repr(float(flat[p])) for p in places])


class OpenBlas:
    def __init__(self):
        # The library's own number of threads is set through its environment.
        numpy.dot(numpy.ones((64, 64), numpy.float32), numpy.ones((64, 64), numpy.float32))
        with open("/proc/self/maps") as maps:
            libraries = {line.split("/", 1)[1].strip() for line in maps if "openblas" in line}
        if not libraries:
            raise RuntimeError("numpy does not use OpenBLAS here")
        self.version = "OpenBLAS /" + sorted(libraries)[0] + " through numpy " + numpy.__version__

    def prepare(self, op, form, d):
        if op != "matmul":
            return None
        m, k, n = d
        a = numbers(m * k, 1)
        b = numbers(k * n, 2)
        a = a.reshape(k, m).T if form == "tn" else a.reshape(m, k)
        b = b.reshape(n, k).T if form == "nt" else b.reshape(k, n)
        c = numpy.empty((m, n), numpy.float32)
        return (lambda: numpy.dot(a, b, out=c)), (lambda: c)


class PyTorch:
    def __init__(self):
        import torch

        self.torch = torch
        torch.set_num_threads(THREADS)
        self.version = "PyTorch " + torch.__version__

    def operand(self, stream, *dims, scale=1.0):
        size = int(numpy.prod(dims))
        return self.torch.from_numpy(numbers(size, stream, scale).reshape(dims))

    def prepare(self, op, form, d):
        if form == "step":
            return self.step(op, d)
        self.torch.set_grad_enabled(False)
        made = getattr(self, op)(form, d)
        if made is None:
            return None
        run, result = made
        return run, lambda: result().numpy()

    def matmul(self, form, d):
        m, k, n = d
        a = self.operand(1, k, m).t() if form == "tn" else self.operand(1, m, k)
        b = self.operand(2, n, k).t() if form == "nt" else self.operand(2, k, n)
        c = self.torch.empty(m, n)
        return (lambda: self.torch.mm(a, b, out=c)), (lambda: c)

    def batched(self, form, d):
        a = self.operand(1, d[0], d[1], d[2])
        b = self.operand(2, d[0], d[2], d[3])
        c = self.torch.empty(d[0], d[1], d[3])
        return (lambda: self.torch.bmm(a, b, out=c)), (lambda: c)

    def into_or_new(self, form, into, new, out):
        if form == "into":
            return into, lambda: out
        last = [new()]

        def run():
            last[0] = None
            last[0] = new()

        return run, lambda: last[0]

    def add(self, form, d):
        t = self.torch
        a, b, out = self.operand(1, *d), self.operand(2, *d), t.empty(*d)
        return self.into_or_new(form, lambda: t.add(a, b, out=out), lambda: t.add(a, b), out)

    def chain(self, form, d):
        t = self.torch
        a, b, c, out = self.operand(1, *d), self.operand(2, *d), self.operand(3, *d), t.empty(*d)

        def into():
            t.mul(a, b, out=out)
            out.add_(c)
            out.relu_()

        return self.into_or_new(form, into, lambda: t.relu(a * b + c), out)

    def function(self, f, form, d):
        a, out = self.operand(1, *d, scale=8), self.torch.empty(*d)
        return self.into_or_new(form, lambda: f(a, out=out), lambda: f(a), out)

    def exp(self, form, d):
        return self.function(self.torch.exp, form, d)

    def sigmoid(self, form, d):
        return self.function(self.torch.sigmoid, form, d)

    def tanh(self, form, d):
        return self.function(self.torch.tanh, form, d)

    def sum(self, form, d):
        t = self.torch
        a = self.operand(1, *d)
        new = (lambda: t.sum(a)) if form == "all" else (lambda: t.sum(a, 0))
        return self.into_or_new("new", None, new, None)

    def softmax(self, form, d):
        t = self.torch
        a, out = self.operand(1, *d, scale=8), t.empty(*d)
        return (lambda: t._softmax(a, 1, False, out=out)), (lambda: out)

    def step(self, op, d):
        t = self.torch
        t.set_grad_enabled(True)
        layers = []
        for l in range(len(d) - 2):
            if l > 0:
                layers.append(t.nn.ReLU())
            layer = t.nn.Linear(d[l + 1], d[l + 2])
            with t.no_grad():
                layer.weight.copy_(self.operand(l + 2, d[l + 1], d[l + 2], scale=0.125).t())
                layer.bias.zero_()
            layers.append(layer)
        net = t.nn.Sequential(*layers)
        x = self.operand(1, d[0], d[1])
        out = d[len(d) - 1]
        if op == "linear":
            target = self.operand(9, d[0], out)
            loss = t.nn.MSELoss()
        else:
            target = t.tensor([row * 7 % out for row in range(d[0])])
            loss = t.nn.CrossEntropyLoss()
        optimizer = t.optim.SGD(net.parameters(), lr=RATE)

        def run():
            optimizer.zero_grad()
            loss(net(x), target).backward()
            optimizer.step()

        def result():
            parts = []
            for layer in net:
                if isinstance(layer, t.nn.Linear):
                    parts.append(layer.weight.detach().t().reshape(-1).numpy())
                    parts.append(layer.bias.detach().numpy())
            return numpy.concatenate(parts)

        return run, result


def answer(text):
    print(text.replace("\n", " "), flush=True)


def main():
    try:
        contender = OpenBlas() if NAME == "openblas" else PyTorch()
        answer("ok " + contender.version)
    except Exception as e:
        answer("error " + repr(e))
        return
    work = None
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "prepare":
                work = None
                work = contender.prepare(words[1], words[2], [int(w) for w in words[3:]])
                if work is None:
                    answer("none")
                else:
                    work[0]()
                    answer("ok " + samples(work[1]()))
            elif words[0] == "run":
                run = work[0]
                count = int(words[1])
                start = time.perf_counter_ns()
                for _ in range(count):
                    run()
                answer("ok " + str(time.perf_counter_ns() - start))
            elif words[0] == "drop":
                work = None
                answer("ok")
            else:
                answer("error unknown command: " + line)
        except Exception as e:
            answer("error " + repr(e))


main()
