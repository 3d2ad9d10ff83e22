package dev.quern.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The routines of {@link F32Trig} on vectors, under the rules of {@link F32Simd}: the same bits as
 * the scalar routines. Those of sin, cos and tan are for arguments below {@link F32Trig#NEAR}.
 *
 * <p>Since only methods of the JDK are inlined once a loop has grown, each routine calls the
 * helpers here first and writes out what follows.
 */
final class F32TrigSimd {
  private static final VectorSpecies<Float> SPECIES = F32Simd.SPECIES;

  private F32TrigSimd() {}

  /** Returns the sine of x, as {@link F32Trig#sin}, for |x| below {@link F32Trig#NEAR}. */
  static FloatVector sin(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector t = a.fma(F32Trig.TWO_OVER_PI, F32.ROUND);
    FloatVector n = t.sub(F32.ROUND);
    FloatVector r = n.fma(broadcast(SPECIES, -F32Trig.HALF_PI), a);
    FloatVector s = r.add(n.mul(F32Trig.HALF_PI_EXCESS));
    FloatVector y = sinOrCos(s, tail(n, r, s), t.reinterpretAsInts());
    IntVector sign = x.reinterpretAsInts().and(F32.SIGN);
    y = y.reinterpretAsInts().lanewise(VectorOperators.XOR, sign).reinterpretAsFloats();
    return y.blend(x, a.compare(VectorOperators.LT, F32Trig.TINY));
  }

  /** Returns the cosine of x, as {@link F32Trig#cos}, for |x| below {@link F32Trig#NEAR}. */
  static FloatVector cos(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector t = a.fma(F32Trig.TWO_OVER_PI, F32.ROUND);
    FloatVector n = t.sub(F32.ROUND);
    FloatVector r = n.fma(broadcast(SPECIES, -F32Trig.HALF_PI), a);
    FloatVector s = r.add(n.mul(F32Trig.HALF_PI_EXCESS));
    return sinOrCos(s, tail(n, r, s), t.reinterpretAsInts().add(1));
  }

  /** Returns the tangent of x, as {@link F32Trig#tan}, for |x| below {@link F32Trig#NEAR}. */
  static FloatVector tan(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector t = a.fma(F32Trig.TWO_OVER_PI, F32.ROUND);
    FloatVector n = t.sub(F32.ROUND);
    FloatVector r = n.fma(broadcast(SPECIES, -F32Trig.HALF_PI), a);
    FloatVector s = r.add(n.mul(F32Trig.HALF_PI_EXCESS));
    FloatVector y = tanOrCot(s, tail(n, r, s), t.reinterpretAsInts());
    IntVector sign = x.reinterpretAsInts().and(F32.SIGN);
    y = y.reinterpretAsInts().lanewise(VectorOperators.XOR, sign).reinterpretAsFloats();
    return y.blend(x, a.compare(VectorOperators.LT, F32Trig.TINY));
  }

  /** Returns the arc sine of x, as {@link F32Trig#asin}. */
  static FloatVector asin(FloatVector x) {
    FloatVector a = x.abs();
    VectorMask<Float> small = a.compare(VectorOperators.LE, 0.5f);
    FloatVector w = a.fma(-0.5f, 0.5f);
    FloatVector z = w.blend(a.mul(a), small);
    FloatVector s = w.sqrt().blend(a, small);
    FloatVector p = asinTail(z);
    FloatVector c = s.add(s);
    FloatVector halfPi = broadcast(SPECIES, F32Trig.HALF_PI);
    FloatVector d = halfPi.sub(c);
    FloatVector lost = halfPi.sub(d).sub(c);
    FloatVector rest = c.mul(z).fma(p, broadcast(SPECIES, F32Trig.HALF_PI_EXCESS)).sub(lost);
    return F32Simd.withSign(d.sub(rest).blend(s.mul(z).fma(p, s), small), x);
  }

  /** Returns the arc cosine of x, as {@link F32Trig#acos}. */
  static FloatVector acos(FloatVector x) {
    FloatVector a = x.abs();
    VectorMask<Float> small = a.compare(VectorOperators.LE, 0.5f);
    FloatVector w = a.fma(-0.5f, 0.5f);
    FloatVector z = w.blend(a.mul(a), small);
    FloatVector s = w.sqrt().mul(2.0f).blend(x.neg(), small);
    FloatVector p = s.mul(z).mul(asinTail(z));
    FloatVector y = s.add(p);
    FloatVector middle = s.add(p.sub(F32Trig.HALF_PI_EXCESS)).add(F32Trig.HALF_PI);
    FloatVector rest = y.add(2.0f * F32Trig.HALF_PI_EXCESS).neg().add(2.0f * F32Trig.HALF_PI);
    y = y.blend(rest, x.compare(VectorOperators.LT, 0.0f));
    return y.blend(middle, small);
  }

  /** Returns the arc tangent of x, as {@link F32Trig#atan}. */
  static FloatVector atan(FloatVector x) {
    FloatVector a = x.abs();
    VectorMask<Float> large = a.compare(VectorOperators.GT, 1.0f);
    FloatVector t = a.blend(broadcast(SPECIES, 1.0f).div(a), large);
    FloatVector z = t.mul(t);
    FloatVector p = broadcast(SPECIES, -0x1.d5a1aap-10f);
    p = p.fma(z, broadcast(SPECIES, 0x1.6551e2p-7f));
    p = p.fma(z, broadcast(SPECIES, -0x1.fe7d24p-6f));
    p = p.fma(z, broadcast(SPECIES, 0x1.da9c2ep-5f));
    p = p.fma(z, broadcast(SPECIES, -0x1.5825f2p-4f));
    p = p.fma(z, broadcast(SPECIES, 0x1.c0946cp-4f));
    p = p.fma(z, broadcast(SPECIES, -0x1.24211ap-3f));
    p = p.fma(z, broadcast(SPECIES, 0x1.9991ecp-3f));
    p = p.fma(z, broadcast(SPECIES, -0x1.55553ep-2f));
    FloatVector y = t.mul(z).fma(p, t);
    FloatVector rest = y.add(F32Trig.HALF_PI_EXCESS).neg().add(F32Trig.HALF_PI);
    return F32Simd.withSign(y.blend(rest, large), x);
  }

  /** Returns the hyperbolic sine of x, as {@link F32Trig#sinh}. */
  static FloatVector sinh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector z = a.mul(a);
    FloatVector p = broadcast(SPECIES, 0x1.76771ep-19f);
    p = p.fma(z, broadcast(SPECIES, 0x1.a01c22p-13f));
    p = p.fma(z, broadcast(SPECIES, 0x1.1110eap-7f));
    p = p.fma(z, broadcast(SPECIES, 0x1.555556p-3f));
    FloatVector small = a.mul(z).fma(p, a);
    FloatVector c = a.blend(89.5f, a.compare(VectorOperators.GT, 89.5f));
    FloatVector t = c.fma(F32.LOG2_E, F32.ROUND_TO_EXPONENT);
    FloatVector q = expm1OfRemainder(c, t);
    FloatVector s = quarterOfPower(t);
    FloatVector u = s.fma(q, s);
    FloatVector tail = s.fma(q, s.sub(u));
    FloatVector large = u.add(tail.sub(broadcast(SPECIES, 0.0625f).div(u))).mul(2.0f);
    return F32Simd.withSign(large.blend(small, a.compare(VectorOperators.LT, 1.0f)), x);
  }

  /** Returns the hyperbolic cosine of x, as {@link F32Trig#cosh}. */
  static FloatVector cosh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector c = a.blend(89.5f, a.compare(VectorOperators.GT, 89.5f));
    FloatVector t = c.fma(F32.LOG2_E, F32.ROUND_TO_EXPONENT);
    FloatVector q = expm1OfRemainder(c, t);
    FloatVector s = quarterOfPower(t);
    FloatVector u = s.fma(q, s);
    FloatVector tail = s.fma(q, s.sub(u));
    return u.add(tail.add(broadcast(SPECIES, 0.0625f).div(u))).mul(2.0f);
  }

  /** Returns the inverse hyperbolic sine of x, as {@link F32Trig#asinh}. */
  static FloatVector asinh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector h = a.mul(0.5f);
    FloatVector root = h.fma(h, broadcast(SPECIES, 0.25f)).sqrt();
    root = h.blend(root, a.compare(VectorOperators.LT, 0x1p14f));
    FloatVector w = root.add(h);
    FloatVector y = logOfTwice(w, root.sub(w).add(h));
    FloatVector z = a.mul(a);
    FloatVector p = broadcast(SPECIES, -0x1.86fdb4p-9f);
    p = p.fma(z, broadcast(SPECIES, 0x1.568beap-7f));
    p = p.fma(z, broadcast(SPECIES, -0x1.42cf8ap-6f));
    p = p.fma(z, broadcast(SPECIES, 0x1.e7c32ep-6f));
    p = p.fma(z, broadcast(SPECIES, -0x1.6d1416p-5f));
    p = p.fma(z, broadcast(SPECIES, 0x1.332e36p-4f));
    p = p.fma(z, broadcast(SPECIES, -0x1.555548p-3f));
    y = y.blend(a.mul(z).fma(p, a), a.compare(VectorOperators.LT, 0.75f));
    y = a.blend(y, a.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
    IntVector sign = x.reinterpretAsInts().and(F32.SIGN);
    return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /** Returns the inverse hyperbolic cosine of x, as {@link F32Trig#acosh}. */
  static FloatVector acosh(FloatVector x) {
    FloatVector h = x.mul(0.5f);
    FloatVector root = h.fma(h, broadcast(SPECIES, -0.25f)).sqrt();
    root = h.blend(root, x.compare(VectorOperators.LT, 0x1p14f));
    FloatVector w = h.add(root);
    FloatVector y = logOfTwice(w, h.sub(w).add(root));
    FloatVector t = x.sub(1.0f);
    FloatVector p = broadcast(SPECIES, -0x1.b18ea2p-12f);
    p = p.fma(t, broadcast(SPECIES, 0x1.cd748ap-10f));
    p = p.fma(t, broadcast(SPECIES, -0x1.6b971ep-8f));
    p = p.fma(t, broadcast(SPECIES, 0x1.3324fap-6f));
    p = p.fma(t, broadcast(SPECIES, -0x1.555536p-4f));
    FloatVector s = t.add(t).sqrt();
    y = y.blend(s.mul(t).fma(p, s), t.compare(VectorOperators.LT, 0.5f));
    return x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
  }

  /** Returns the inverse hyperbolic tangent of x, as {@link F32Trig#atanh}. */
  static FloatVector atanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector w = a.add(1.0f).div(a.mul(-2.0f).add(2.0f));
    FloatVector y = logOfTwice(w, broadcast(SPECIES, 0.0f)).mul(0.5f);
    FloatVector z = a.mul(a);
    FloatVector p = broadcast(SPECIES, 0x1.692dc6p-3f);
    p = p.fma(z, broadcast(SPECIES, 0x1.a6ddeap-5f));
    p = p.fma(z, broadcast(SPECIES, 0x1.e3fbcep-4f));
    p = p.fma(z, broadcast(SPECIES, 0x1.234ddp-3f));
    p = p.fma(z, broadcast(SPECIES, 0x1.99a674p-3f));
    p = p.fma(z, broadcast(SPECIES, 0x1.55554p-2f));
    y = y.blend(a.mul(z).fma(p, a), a.compare(VectorOperators.LT, 0.5f));
    y = w.blend(y, w.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
    y = broadcast(SPECIES, Float.NaN).blend(y, a.compare(VectorOperators.LE, 1.0f));
    IntVector sign = x.reinterpretAsInts().and(F32.SIGN);
    return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /** What s = r + n excess lacks. */
  private static FloatVector tail(FloatVector n, FloatVector r, FloatVector s) {
    FloatVector p = n.mul(F32Trig.HALF_PI_EXCESS);
    FloatVector b = s.sub(r);
    FloatVector e = r.sub(s.sub(b)).add(p.sub(b));
    FloatVector lost = n.fma(broadcast(SPECIES, F32Trig.HALF_PI_EXCESS), p.neg());
    return n.fma(broadcast(SPECIES, F32Trig.HALF_PI_EXCESS_TAIL), e.add(lost));
  }

  private static FloatVector sinOrCos(FloatVector r, FloatVector tail, IntVector k) {
    VectorMask<Float> odd = F32Simd.isOdd(k);
    FloatVector z = r.mul(r);
    FloatVector p = broadcast(SPECIES, -0x1.992462p-13f);
    p = p.fma(z, broadcast(SPECIES, 0x1.1106d6p-7f));
    p = p.fma(z, broadcast(SPECIES, -0x1.555544p-3f));
    FloatVector sin = r.mul(z).fma(p, tail).add(r);
    FloatVector q = broadcast(SPECIES, 0x1.99e334p-16f);
    q = q.fma(z, broadcast(SPECIES, -0x1.6c0c1ep-10f));
    q = q.fma(z, broadcast(SPECIES, 0x1.55554ap-5f));
    q = q.fma(z, broadcast(SPECIES, -0.5f));
    FloatVector y = sin.blend(q.fma(z, broadcast(SPECIES, 1.0f)), odd);
    IntVector sign = k.and(2).lanewise(VectorOperators.LSHL, 30);
    return y.reinterpretAsInts().lanewise(VectorOperators.XOR, sign).reinterpretAsFloats();
  }

  private static FloatVector tanOrCot(FloatVector r, FloatVector tail, IntVector k) {
    VectorMask<Float> odd = F32Simd.isOdd(k);
    FloatVector z = r.mul(r);
    FloatVector p = broadcast(SPECIES, 0x1.23894ap-8f);
    p = p.fma(z, broadcast(SPECIES, -0x1.d60a14p-15f));
    p = p.fma(z, broadcast(SPECIES, 0x1.66d2p-7f));
    p = p.fma(z, broadcast(SPECIES, 0x1.5bf63cp-6f));
    p = p.fma(z, broadcast(SPECIES, 0x1.baee0ep-5f));
    p = p.fma(z, broadcast(SPECIES, 0x1.110d24p-3f));
    p = p.fma(z, broadcast(SPECIES, 0x1.555562p-2f));
    FloatVector u = r.mul(z).fma(p, tail);
    FloatVector t = r.add(u);
    FloatVector rest = r.sub(t).add(u);
    FloatVector y = broadcast(SPECIES, -1.0f).div(t);
    FloatVector cot = y.fma(y.fma(rest, y.fma(t, broadcast(SPECIES, 1.0f))), y);
    return t.blend(cot, odd);
  }

  private static FloatVector asinTail(FloatVector z) {
    FloatVector p = broadcast(SPECIES, 0x1.5959aap-5f);
    p = p.fma(z, broadcast(SPECIES, 0x1.8c415ap-6f));
    p = p.fma(z, broadcast(SPECIES, 0x1.747b72p-5f));
    p = p.fma(z, broadcast(SPECIES, 0x1.330206p-4f));
    return p.fma(z, broadcast(SPECIES, 0x1.5555c8p-3f));
  }

  /** e^r - 1 with r = c - n log 2 and n = t - ROUND_TO_EXPONENT. */
  private static FloatVector expm1OfRemainder(FloatVector c, FloatVector t) {
    FloatVector n = t.sub(F32.ROUND_TO_EXPONENT);
    FloatVector r = n.fma(broadcast(SPECIES, -F32.LN2), c);
    return F32Simd.expm1Near0(n.fma(broadcast(SPECIES, -F32.LN2_TAIL), r));
  }

  /** A quarter of the power of two whose exponent field is the low byte of t. */
  private static FloatVector quarterOfPower(FloatVector t) {
    return t.reinterpretAsInts().sub(2).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  private static FloatVector logOfTwice(FloatVector w, FloatVector tail) {
    IntVector i = w.reinterpretAsInts().sub(F32.TWO_THIRDS);
    FloatVector e = F32Simd.biasedExponent(i).sub(F32.ROUND - 1.0f);
    FloatVector s = i.and(0xff800000).neg().add(0x40800000).reinterpretAsFloats();
    FloatVector f = i.and(0x7fffff).add(F32.TWO_THIRDS).reinterpretAsFloats().sub(1.0f);
    f = tail.mul(0.25f).fma(s, f);
    FloatVector y = f.mul(f).fma(F32Simd.log1pTail(f), f);
    return e.fma(broadcast(SPECIES, F32.LN2), y);
  }
}
