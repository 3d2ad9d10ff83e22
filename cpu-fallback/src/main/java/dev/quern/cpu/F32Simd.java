package dev.quern.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The routines of {@link F32} on vectors: the same operations in the same order, so each lane holds
 * the bits that the scalar routine gives (one NaN counting as equal to another). What each computes
 * and how is said there.
 *
 * <p>Loading this class needs the module jdk.incubator.vector in the boot layer.
 *
 * <p>Call each routine in a loop of its own. C2 stops inlining methods outside the JDK once a
 * compilation has made 18 000 nodes (NodeCountInliningCutoff), about 70 vector operations; each
 * vector that crosses a call is then boxed, and the loop runs five to ten times slower. Therefore
 * constants are broadcast by the JDK's own method, which is exempt, not by a helper here, and
 * helpers are few. {@link #pow} is too long for any of this: it is one method, compiled by itself,
 * and only its arguments and its result are boxed.
 */
final class F32Simd {
  /** The one shape used: a second one in the same JVM would spoil C2's type profiles. */
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Integer> INT = SPECIES.withLanes(int.class);

  private F32Simd() {}

  /** Returns e^x, as {@link F32#exp}. */
  static FloatVector exp(FloatVector x) {
    FloatVector c = clamp(x, F32.EXP_LOW, F32.EXP_HIGH);
    FloatVector t = c.fma(F32.LOG2_E, F32.ROUND_TO_TWO_EXPONENTS);
    FloatVector q = expm1Near0(remainder(c, t));
    IntVector i = t.reinterpretAsInts();
    IntVector j = i.lanewise(VectorOperators.ASHR, 1);
    FloatVector s = powerOfTwo(j);
    return s.fma(q, s).mul(powerOfTwo(i.sub(j)));
  }

  /** Returns e^x - 1, as {@link F32#expm1}. */
  static FloatVector expm1(FloatVector x) {
    FloatVector c = clamp(x, F32.EXP_LOW, F32.EXP_HIGH);
    FloatVector t = c.fma(0.5f * F32.LOG2_E, F32.ROUND_TO_EXPONENT);
    FloatVector m = t.sub(F32.ROUND_TO_EXPONENT);
    FloatVector r = m.fma(broadcast(SPECIES, -2.0f * F32.LN2), c);
    r = m.fma(broadcast(SPECIES, -2.0f * F32.LN2_TAIL), r);
    FloatVector s = powerOfTwo(t.reinterpretAsInts());
    FloatVector p = broadcast(SPECIES, 0x1.a0bd8cp-16f);
    p = p.fma(r, broadcast(SPECIES, 0x1.a557fcp-13f));
    p = p.fma(r, broadcast(SPECIES, 0x1.6c1c8ep-10f));
    p = p.fma(r, broadcast(SPECIES, 0x1.110b6ep-7f));
    p = p.fma(r, broadcast(SPECIES, 0x1.55554ap-5f));
    p = p.fma(r, broadcast(SPECIES, 0x1.55555cp-3f));
    p = p.fma(r, broadcast(SPECIES, 0.5f));
    FloatVector q = p.fma(r.mul(r), r);
    FloatVector y = s.fma(q, s.sub(reciprocal(s))).mul(s);
    return y.blend(x, x.compare(VectorOperators.EQ, 0.0f));
  }

  /** Returns the natural logarithm of x, as {@link F32#log}. */
  static FloatVector log(FloatVector x) {
    VectorMask<Float> tiny = x.compare(VectorOperators.LT, 0x1p-126f);
    IntVector i = x.blend(x.mul(0x1p23f), tiny).reinterpretAsInts().sub(F32.TWO_THIRDS);
    FloatVector bias = broadcast(SPECIES, F32.ROUND).blend(F32.ROUND + 23.0f, tiny);
    FloatVector e = biasedExponent(i).sub(bias);
    FloatVector f = i.and(0x7fffff).add(F32.TWO_THIRDS).reinterpretAsFloats().sub(1.0f);
    FloatVector y = f.mul(f).fma(log1pTail(f), f);
    return logLimits(e.fma(broadcast(SPECIES, F32.LN2), y), x, x);
  }

  /** Returns log(1 + x), as {@link F32#log1p}. */
  static FloatVector log1p(FloatVector x) {
    FloatVector u = x.add(1.0f);
    IntVector i = u.reinterpretAsInts().sub(F32.TWO_THIRDS);
    FloatVector e = biasedExponent(i).sub(F32.ROUND);
    FloatVector s =
        IntVector.broadcast(INT, 0x40800000).sub(i.and(0xff800000)).reinterpretAsFloats();
    FloatVector f = x.mul(0.25f).fma(s, s.fma(0.25f, -1.0f));
    FloatVector y = f.mul(f).fma(log1pTail(f), f);
    y = logLimits(e.fma(broadcast(SPECIES, F32.LN2), y), u, x);
    return y.blend(x, x.abs().compare(VectorOperators.LT, 0x1p-24f));
  }

  /** Returns the hyperbolic tangent of x, as {@link F32#tanh}. */
  static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector y = tanhLarge(a).blend(tanhSmall(a), a.compare(VectorOperators.LT, 0.6f));
    return withSign(y, x);
  }

  private static FloatVector tanhSmall(FloatVector a) {
    FloatVector z = a.mul(a);
    FloatVector p = broadcast(SPECIES, -0x1.6452a4p-8f);
    p = p.fma(z, broadcast(SPECIES, 0x1.4e27d4p-6f));
    p = p.fma(z, broadcast(SPECIES, -0x1.b79d74p-5f));
    p = p.fma(z, broadcast(SPECIES, 0x1.110258p-3f));
    p = p.fma(z, broadcast(SPECIES, -0x1.55551cp-2f));
    return p.mul(z).fma(a, a);
  }

  private static FloatVector tanhLarge(FloatVector a) {
    FloatVector c = a.blend(10.0f, a.compare(VectorOperators.GT, 10.0f));
    FloatVector t = c.fma(2.0f * F32.LOG2_E, F32.ROUND_TO_EXPONENT);
    FloatVector r = t.sub(F32.ROUND_TO_EXPONENT).fma(broadcast(SPECIES, -0.5f * F32.LN2), c);
    FloatVector s = powerOfTwo(t.reinterpretAsInts());
    FloatVector h = broadcast(SPECIES, 0x1.6b71a8p-5f);
    h = h.fma(r, broadcast(SPECIES, 0x1.1227c2p-3f));
    h = h.fma(r, broadcast(SPECIES, 0x1.555718p-2f));
    h = h.fma(r, broadcast(SPECIES, 0x1.5554bp-1f));
    h = h.fma(r, broadcast(SPECIES, 0x1.fffffep-1f));
    h = h.fma(r.mul(r), r);
    FloatVector one = broadcast(SPECIES, 1.0f);
    return one.sub(one.div(s.fma(h, s.fma(0.5f, 0.5f))));
  }

  /** Returns 1 / (1 + e^-x), as {@link F32#sigmoid}. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector c = clamp(x.neg(), -F32.EXP_HIGH, -F32.EXP_LOW);
    FloatVector t = c.fma(F32.LOG2_E, F32.ROUND_TO_TWO_EXPONENTS);
    FloatVector q = expm1Near0(remainder(c, t));
    IntVector i = t.reinterpretAsInts();
    IntVector j = i.lanewise(VectorOperators.ASHR, 1);
    FloatVector s = powerOfTwo(j);
    FloatVector v = reciprocal(powerOfTwo(i.sub(j)));
    FloatVector w = s.add(v);
    q = s.sub(w).add(v).fma(reciprocal(s), q);
    return v.div(s.fma(q, w));
  }

  /** Returns log(1 + e^x), as {@link F32#softplus}. */
  static FloatVector softplus(FloatVector x) {
    FloatVector c = x.abs().neg();
    c = c.blend(F32.EXP_LOW, c.compare(VectorOperators.LT, F32.EXP_LOW));
    FloatVector t = c.fma(F32.LOG2_E, F32.ROUND_TO_TWO_EXPONENTS);
    FloatVector q = expm1Near0(remainder(c, t));
    IntVector i = t.reinterpretAsInts();
    IntVector j = i.lanewise(VectorOperators.ASHR, 1);
    FloatVector y = log1pOfPower(q, powerOfTwo(j), powerOfTwo(i.sub(j)));
    FloatVector zero = broadcast(SPECIES, 0.0f);
    return y.add(zero.blend(x, x.compare(VectorOperators.GT, 0.0f)));
  }

  /** log(1 + s g (1 + q)). */
  private static FloatVector log1pOfPower(FloatVector q, FloatVector s, FloatVector g) {
    FloatVector u = s.fma(q, s);
    FloatVector d = u.mul(g);
    FloatVector tail = s.fma(q, s.sub(u)).mul(g);
    FloatVector h = s.mul(0.5f).mul(g);
    VectorMask<Float> large = d.compare(VectorOperators.GT, 0x1.555556p-2f);
    FloatVector f = d.blend(h.fma(q, h.sub(0.5f)), large);
    FloatVector y = f.add(f.mul(f).fma(log1pTail(f), tail.blend(0.0f, large)));
    return y.add(broadcast(SPECIES, 0.0f).blend(F32.LN2, large));
  }

  /** Returns the error function of x, as {@link F32#erf}. */
  static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector y = erfLarge(a).blend(erfSmall(a), a.compare(VectorOperators.LT, 0.921875f));
    return withSign(y, x);
  }

  private static FloatVector erfSmall(FloatVector a) {
    FloatVector z = a.mul(a);
    FloatVector p = broadcast(SPECIES, 0x1.698f48p-14f);
    p = p.fma(z, broadcast(SPECIES, -0x1.adb96ep-11f));
    p = p.fma(z, broadcast(SPECIES, 0x1.551b3cp-8f));
    p = p.fma(z, broadcast(SPECIES, -0x1.b8147p-6f));
    p = p.fma(z, broadcast(SPECIES, 0x1.ce2e1ep-4f));
    p = p.fma(z, broadcast(SPECIES, -0x1.812742p-2f));
    p = p.fma(z, broadcast(SPECIES, 0x1.06eba8p-3f));
    return p.fma(a, a);
  }

  private static FloatVector erfLarge(FloatVector a) {
    FloatVector c = a.blend(4.0f, a.compare(VectorOperators.GT, 4.0f));
    FloatVector g = broadcast(SPECIES, -0x1.006272p-15f);
    g = g.fma(c, broadcast(SPECIES, 0x1.4965e6p-11f));
    g = g.fma(c, broadcast(SPECIES, -0x1.8ad484p-8f));
    g = g.fma(c, broadcast(SPECIES, 0x1.290662p-5f));
    g = g.fma(c, broadcast(SPECIES, -0x1.3ffc3cp-3f));
    g = g.fma(c, broadcast(SPECIES, -0x1.d3d0bap-1f));
    g = g.fma(c, broadcast(SPECIES, -0x1.a12aaep0f));
    g = g.fma(c, broadcast(SPECIES, 0x1.0acafcp-12f));
    FloatVector t = g.add(F32.ROUND_TO_EXPONENT);
    FloatVector r = g.sub(t.sub(F32.ROUND_TO_EXPONENT));
    FloatVector s = powerOfTwo(t.reinterpretAsInts());
    FloatVector e = broadcast(SPECIES, 0x1.5bd82ep-10f);
    e = e.fma(r, broadcast(SPECIES, 0x1.3ce8b6p-7f));
    e = e.fma(r, broadcast(SPECIES, 0x1.c6b6dcp-5f));
    e = e.fma(r, broadcast(SPECIES, 0x1.ebf9c2p-3f));
    e = e.fma(r, broadcast(SPECIES, 0x1.62e42ap-1f));
    e = e.fma(r, broadcast(SPECIES, 1.0f));
    return s.neg().fma(e, broadcast(SPECIES, 1.0f));
  }

  /** Returns x^y, as {@link F32#pow}. */
  static FloatVector pow(FloatVector x, FloatVector y) {
    FloatVector a = x.abs();
    VectorMask<Float> tiny = a.compare(VectorOperators.LT, 0x1p-126f);
    IntVector i = a.blend(a.mul(0x1p23f), tiny).reinterpretAsInts().sub(F32.TWO_THIRDS);
    FloatVector bias = broadcast(SPECIES, F32.ROUND).blend(F32.ROUND + 23.0f, tiny);
    FloatVector e = biasedExponent(i).sub(bias);
    FloatVector f = i.and(0x7fffff).add(F32.TWO_THIRDS).reinterpretAsFloats().sub(1.0f);
    // w + wt = f / (2 + f), z + zt its square, m + mt = 2 atanh(w + wt)
    FloatVector d = f.add(2.0f);
    FloatVector inverse = broadcast(SPECIES, 1.0f).div(d);
    FloatVector w = f.mul(inverse);
    FloatVector nw = w.neg();
    FloatVector wt = inverse.mul(nw.fma(f.sub(d.sub(2.0f)), nw.fma(d, f)));
    FloatVector z = w.mul(w);
    FloatVector w2 = w.add(w);
    FloatVector zt = w2.fma(wt, w.fma(w, z.neg()));
    FloatVector p = broadcast(SPECIES, 0x1.97ea5p-3f);
    p = p.fma(z, broadcast(SPECIES, 0x1.c5bfdp-3f));
    p = p.fma(z, broadcast(SPECIES, 0x1.2495p-2f));
    p = p.fma(z, broadcast(SPECIES, 0x1.999996p-2f));
    FloatVector third = broadcast(SPECIES, 0x1.555556p-1f);
    FloatVector q = z.fma(p, third);
    FloatVector qt = z.fma(p, third.sub(q)).sub(0x1.555556p-26f);
    FloatVector c = z.mul(w);
    FloatVector ct = z.fma(w, c.neg()).add(z.fma(wt, zt.mul(w)));
    FloatVector k = c.mul(q);
    FloatVector kt = c.fma(q, k.neg()).add(c.fma(qt, ct.mul(q)));
    FloatVector m = w2.add(k);
    FloatVector mt = w2.sub(m).add(k).add(wt.add(wt).add(kt));
    // l + lt = log a
    FloatVector el = e.mul(0x1.62e4p-1f);
    FloatVector sum = el.add(m);
    FloatVector rest = el.sub(sum).add(m).add(e.fma(broadcast(SPECIES, 0x1.7f7d1cp-20f), mt));
    FloatVector l = sum.add(rest);
    FloatVector lt = sum.sub(l).add(rest);
    l = l.blend(Float.NEGATIVE_INFINITY, a.compare(VectorOperators.EQ, 0.0f));
    l = a.blend(l, a.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
    // v = e^(y (l + lt))
    FloatVector v = y.mul(l);
    FloatVector vt = y.fma(lt, y.fma(l, v.neg()));
    FloatVector zero = broadcast(SPECIES, 0.0f);
    vt = zero.blend(vt, v.abs().compare(VectorOperators.LT, -F32.EXP_LOW));
    v = v.blend(F32.EXP_LOW, v.compare(VectorOperators.LT, F32.EXP_LOW));
    v = v.blend(F32.EXP_HIGH, v.compare(VectorOperators.GT, F32.EXP_HIGH));
    FloatVector t = v.fma(F32.LOG2_E, F32.ROUND_TO_TWO_EXPONENTS);
    FloatVector n = t.sub(F32.ROUND_TO_TWO_EXPONENTS);
    FloatVector rh = n.fma(broadcast(SPECIES, -F32.LN2), v);
    FloatVector rt = n.fma(broadcast(SPECIES, -F32.LN2_TAIL), vt);
    FloatVector r = rh.add(rt);
    rt = rh.sub(r).add(rt);
    // expm1Near0 and powerOfTwo, written out: no call is inlined this far down
    p = broadcast(SPECIES, 0x1.6a4f5ep-10f);
    p = p.fma(r, broadcast(SPECIES, 0x1.123986p-7f));
    p = p.fma(r, broadcast(SPECIES, 0x1.5558aep-5f));
    p = p.fma(r, broadcast(SPECIES, 0x1.555492p-3f));
    p = p.fma(r, broadcast(SPECIES, 0x1.fffffcp-2f));
    q = p.fma(r.mul(r), r);
    q = q.add(rt.fma(q, rt));
    i = t.reinterpretAsInts();
    IntVector j = i.lanewise(VectorOperators.ASHR, 1);
    FloatVector s = j.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    FloatVector g = i.sub(j).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    v = s.fma(q, s).mul(g);
    // the sign, and what the formulas leave undecided
    v = v.blend(1.0f, a.compare(VectorOperators.EQ, 1.0f));
    FloatVector b = y.abs();
    VectorMask<Float> fractional = b.compare(VectorOperators.LT, 0x1p23f);
    FloatVector o = b.blend(b.add(0x1p23f), fractional);
    FloatVector whole = b.blend(o.sub(0x1p23f), fractional);
    o = o.blend(0.0f, b.compare(VectorOperators.GE, 0x1p24f));
    IntVector sign = o.reinterpretAsInts().lanewise(VectorOperators.LSHL, 31);
    sign = sign.and(x.reinterpretAsInts());
    FloatVector integral = v.reinterpretAsInts().or(sign).reinterpretAsFloats();
    FloatVector root = v.blend(Float.NaN, x.compare(VectorOperators.LT, 0.0f));
    root = root.blend(v, x.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    v = root.blend(integral, whole.compare(VectorOperators.EQ, b));
    v = v.blend(y, y.compare(VectorOperators.NE, y));
    v = v.blend(1.0f, x.compare(VectorOperators.EQ, 1.0f));
    return v.blend(1.0f, y.compare(VectorOperators.EQ, 0.0f));
  }

  /** Returns sin(2 pi u) for u from -1 to 1, as {@link F32#sin2pi}. */
  static FloatVector sin2pi(FloatVector u) {
    FloatVector t = u.fma(4.0f, F32.ROUND);
    FloatVector r = t.sub(F32.ROUND).fma(broadcast(SPECIES, -0.25f), u);
    IntVector k = t.reinterpretAsInts();
    return negateIfBit1(sinTurns(r).blend(cosTurns(r), isOdd(k)), k);
  }

  /** Returns cos(2 pi u) for u from -1 to 1, as {@link F32#cos2pi}. */
  static FloatVector cos2pi(FloatVector u) {
    FloatVector t = u.fma(4.0f, F32.ROUND);
    FloatVector r = t.sub(F32.ROUND).fma(broadcast(SPECIES, -0.25f), u);
    IntVector k = t.reinterpretAsInts();
    return negateIfBit1(cosTurns(r).blend(sinTurns(r), isOdd(k)), k.add(1));
  }

  private static FloatVector sinTurns(FloatVector r) {
    FloatVector z = r.mul(r);
    FloatVector p = broadcast(SPECIES, 0x1.46c1c8p5f);
    p = p.fma(z, broadcast(SPECIES, -0x1.32b5a2p6f));
    p = p.fma(z, broadcast(SPECIES, 0x1.466b84p6f));
    p = p.fma(z, broadcast(SPECIES, -0x1.4abbcep5f));
    p = p.fma(z, broadcast(SPECIES, -0x1.777a5cp-23f));
    return r.fma(broadcast(SPECIES, 0x1.921fb6p2f), r.mul(p));
  }

  private static FloatVector cosTurns(FloatVector r) {
    FloatVector z = r.mul(r);
    FloatVector p = broadcast(SPECIES, 0x1.d685ccp5f);
    p = p.fma(z, broadcast(SPECIES, -0x1.55b7dp6f));
    p = p.fma(z, broadcast(SPECIES, 0x1.03c1b8p6f));
    p = p.fma(z, broadcast(SPECIES, -0x1.3bd3ccp4f));
    return p.fma(z, broadcast(SPECIES, 1.0f));
  }

  static FloatVector expm1Near0(FloatVector r) {
    FloatVector p = broadcast(SPECIES, 0x1.6a4f5ep-10f);
    p = p.fma(r, broadcast(SPECIES, 0x1.123986p-7f));
    p = p.fma(r, broadcast(SPECIES, 0x1.5558aep-5f));
    p = p.fma(r, broadcast(SPECIES, 0x1.555492p-3f));
    p = p.fma(r, broadcast(SPECIES, 0x1.fffffcp-2f));
    return p.fma(r.mul(r), r);
  }

  static FloatVector log1pTail(FloatVector f) {
    FloatVector p = broadcast(SPECIES, -0x1.06fc5ep-3f);
    p = p.fma(f, broadcast(SPECIES, 0x1.1ef6b4p-3f));
    p = p.fma(f, broadcast(SPECIES, -0x1.f392f6p-4f));
    p = p.fma(f, broadcast(SPECIES, 0x1.1eb624p-3f));
    p = p.fma(f, broadcast(SPECIES, -0x1.5598bep-3f));
    p = p.fma(f, broadcast(SPECIES, 0x1.99d284p-3f));
    p = p.fma(f, broadcast(SPECIES, -0x1.ffff1p-3f));
    p = p.fma(f, broadcast(SPECIES, 0x1.5555p-2f));
    return p.fma(f, broadcast(SPECIES, -0.5f));
  }

  /** y = log u where u is positive and x finite; the limits and NaN elsewhere. */
  private static FloatVector logLimits(FloatVector y, FloatVector u, FloatVector x) {
    FloatVector limit = broadcast(SPECIES, Float.NaN);
    limit = limit.blend(Float.NEGATIVE_INFINITY, u.compare(VectorOperators.EQ, 0.0f));
    limit = limit.blend(y, u.compare(VectorOperators.GT, 0.0f));
    return x.blend(limit, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
  }

  /** x within [low, high]; NaN stays. Cheaper than min and max, which order the zeros as well. */
  private static FloatVector clamp(FloatVector x, float low, float high) {
    FloatVector c = x.blend(low, x.compare(VectorOperators.LT, low));
    return c.blend(high, c.compare(VectorOperators.GT, high));
  }

  /** c - n log 2 with n = t - ROUND_TO_TWO_EXPONENTS. */
  private static FloatVector remainder(FloatVector c, FloatVector t) {
    FloatVector n = t.sub(F32.ROUND_TO_TWO_EXPONENTS);
    FloatVector r = n.fma(broadcast(SPECIES, -F32.LN2), c);
    return n.fma(broadcast(SPECIES, -F32.LN2_TAIL), r);
  }

  /** The power of two whose exponent field is the low byte of i. */
  private static FloatVector powerOfTwo(IntVector i) {
    return i.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /** ROUND + (i >> 23). */
  static FloatVector biasedExponent(IntVector i) {
    return i.lanewise(VectorOperators.ASHR, 23).add(F32.ROUND_BITS).reinterpretAsFloats();
  }

  /** 1 / s for a power of two. */
  // Not by neg and add: where much else had run, JDK 17 then left the end of sigmoid's loop a call.
  private static FloatVector reciprocal(FloatVector s) {
    return IntVector.broadcast(INT, 0x7f000000).sub(s.reinterpretAsInts()).reinterpretAsFloats();
  }

  static FloatVector withSign(FloatVector y, FloatVector x) {
    IntVector sign = x.reinterpretAsInts().and(F32.SIGN);
    return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /** The lanes whose k is odd; compared as floats, so that no int mask has to be converted. */
  static VectorMask<Float> isOdd(IntVector k) {
    FloatVector bit = k.lanewise(VectorOperators.LSHL, 30).reinterpretAsFloats();
    return bit.compare(VectorOperators.NE, 0.0f);
  }

  private static FloatVector negateIfBit1(FloatVector v, IntVector k) {
    IntVector sign = k.and(2).lanewise(VectorOperators.LSHL, 30);
    return v.reinterpretAsInts().lanewise(VectorOperators.XOR, sign).reinterpretAsFloats();
  }
}
