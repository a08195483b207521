/* The package's elementary functions: the same operations in the same order, for the same bits. */
#ifndef ELEMENTARY_H
#define ELEMENTARY_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Adding 1.5 * 2**52 rounds a double to an integer and leaves that integer in its low bits. */
#define ROUNDER 6755399441055744.0
#define LN2_HIGH 0.693147180369123816490
#define LN2_LOW 1.90821492927058770002e-10
#define SQRT_HALF 0.7071067811865476

/* A polynomial by Horner's rule, the coefficient of the highest power first. */
#define POLYNOMIAL(x, ...) \
    horner((const double[]){__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / sizeof(double), x)

__attribute__((always_inline)) static inline double horner(const double *coefficients, size_t n,
                                                           double x)
{
    double value = coefficients[0];
#pragma GCC unroll 16
    for (size_t k = 1; k < n; k++)
        value = value * x + coefficients[k];
    return value;
}

static inline int64_t bits_of(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double from_bits(int64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* fmax and fmin treat what is no number in another way. */
static inline double larger(double a, double b)
{
    return a < b ? b : a;
}

static inline double smaller(double a, double b)
{
    return a > b ? b : a;
}

static inline double own_exp(double x)
{
    x = smaller(larger(x, -708.0), 709.0);
    double shifted = x * 1.4426950408889634 + ROUNDER;
    double whole = shifted - ROUNDER;
    double r = (x - whole * LN2_HIGH) - whole * LN2_LOW;
    double p = POLYNOMIAL(r, 1.6059043836821613e-10, 2.08767569878681e-09, 2.505210838544172e-08,
                          2.755731922398589e-07, 2.7557319223985893e-06, 2.48015873015873e-05,
                          0.0001984126984126984, 0.001388888888888889, 0.008333333333333333,
                          0.041666666666666664, 0.16666666666666666, 0.5);
    p = (r + r * r * p) + 1.0;
    /* Unsigned, because C leaves a shift of a negative number undefined. */
    return p * from_bits((int64_t)((uint64_t)(bits_of(shifted) + 1023) << 52));
}

static inline double own_log(double x)
{
    int64_t bits = bits_of(larger(x, 2.3e-308));
    int64_t exponent = (bits - bits_of(SQRT_HALF)) >> 52;
    double f = from_bits(bits - (int64_t)((uint64_t)exponent << 52)) - 1.0;
    double k = from_bits(exponent + bits_of(ROUNDER)) - ROUNDER;
    double s = f / (2.0 + f);
    double z = s * s;
    double tail = POLYNOMIAL(z, 0.1479819860511658591, 0.1531383769920937332,
                             0.1818357216161805012, 0.2222219843214978396, 0.2857142874366239149,
                             0.3999999999940941908, 0.6666666666666735130) * z;
    double half_square = 0.5 * f * f;
    return k * LN2_HIGH - ((half_square - (s * (half_square + tail) + k * LN2_LOW)) - f);
}

static inline double logistic(double x)
{
    return 1.0 / (1.0 + own_exp(-smaller(larger(x, -700.0), 700.0)));
}

static inline double normal_cdf(double x)
{
    /* Differs from a selection only in the sign of 0, which the rest does not see. */
    double a = smaller(fabs(x), 37.0);
    double density = own_exp(-0.5 * a * a);
    double above = POLYNOMIAL(a, 3.52624965998911e-02, 0.700383064443688, 6.37396220353165,
                              33.912866078383, 112.079291497871, 221.213596169931,
                              220.206867912376);
    double below = POLYNOMIAL(a, 8.83883476483184e-02, 1.75566716318264, 16.064177579207,
                              86.7807322029461, 296.564248779674, 637.333633378831,
                              793.826512519948, 440.413735824752);
    double lower = density * above / below;
    return x > 0.0 ? 1.0 - lower : lower;
}

static inline double quantile_in_centre(double p)
{
    double q = p - 0.5;
    double c = 0.180625 - q * q;
    double above = POLYNOMIAL(c, 2.5090809287301226727e3, 3.3430575583588128105e4,
                              6.7265770927008700853e4, 4.5921953931549871457e4,
                              1.3731693765509461125e4, 1.9715909503065514427e3,
                              1.3314166789178437745e2, 3.3871328727963666080e0);
    double below = POLYNOMIAL(c, 5.2264952788528545610e3, 2.8729085735721942674e4,
                              3.9307895800092710610e4, 2.1213794301586595867e4,
                              5.3941960214247511077e3, 6.8718700749205790830e2,
                              4.2313330701600911252e1, 1.0);
    return q * above / below;
}

static inline double quantile_in_tails(double p, double centre)
{
    double q = p - 0.5;
    double t = larger(smaller(p, 1.0 - p), 1.4e-11);
    double r = sqrt(-own_log(t)) - 1.6;
    double above = POLYNOMIAL(r, 7.74545014278341407640e-4, 2.27238449892691845833e-2,
                              2.41780725177450611770e-1, 1.27045825245236838258e0,
                              3.64784832476320460504e0, 5.76949722146069140550e0,
                              4.63033784615654529590e0, 1.42343711074968357734e0);
    double below = POLYNOMIAL(r, 1.05075007164441684324e-9, 5.47593808499534494600e-4,
                              1.51986665636164571966e-2, 1.48103976427480074590e-1,
                              6.89767334985100004550e-1, 1.67638483018380384940e0,
                              2.05319162663775882187e0, 1.0);
    double outer = q > 0.0 ? above / below : -(above / below);
    return fabs(q) <= 0.425 ? centre : outer;
}

#endif
