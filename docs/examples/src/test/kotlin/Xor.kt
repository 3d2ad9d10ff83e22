package dev.quern.examples

import dev.quern.Scope
import dev.quern.Tensor
import dev.quern.nn.Linear
import dev.quern.nn.Losses
import dev.quern.nn.Module
import dev.quern.nn.Sequential
import dev.quern.optim.Adam
import dev.quern.random.Generator

fun main() {
    // [start:train]
    Generator.seedGlobal(0)
    val x = Tensor.of(floatArrayOf(0f, 0f, 0f, 1f, 1f, 0f, 1f, 1f), 4, 2)
    val labels = Tensor.of(longArrayOf(0, 1, 1, 0), 4)
    val model = Sequential(Linear(2, 16), Module.of(Tensor::relu), Linear(16, 2))
    val optimizer = Adam(model.tensors(), 0.01)
    repeat(500) {
        Scope.open().use {
            val loss = Losses.crossEntropy(model.forward(x), labels) + Losses.l2(1e-5, model.weights())
            optimizer.zeroGrad()
            loss.backward()
            optimizer.step()
        }
    }
    println(model.forward(x).argmax(1))
    // [end:train]
    // [start:line]
    val sizes = Tensor.of(0.5f, 1.0f, 1.5f, 2.0f)
    val prices = Tensor.of(1.2f, 1.8f, 2.7f, 3.1f)
    val errors = sizes * 1.3 + 0.5 - prices
    println("J(1.3, 0.5) = %.4f".format((errors * errors).mean().item() / 2))
    println(sizes[1] + -sizes[0])
    // [end:line]
}

// [start:operators]
operator fun Tensor.plus(other: Tensor): Tensor = add(other)
operator fun Tensor.plus(number: Double): Tensor = add(number)
operator fun Tensor.minus(other: Tensor): Tensor = sub(other)
operator fun Tensor.times(other: Tensor): Tensor = mul(other)
operator fun Tensor.times(number: Double): Tensor = mul(number)
operator fun Tensor.unaryMinus(): Tensor = neg()
// [end:operators]
