/* The draws of a chunk of months: Philox4x64-10 with keys and counters as in world/draws.py. */
#include "rules.h"
#include "world.h"

#define ROUNDS 10
#define NUMBERS_PER_STEP 4
#define STEPS_PER_REPLICATE (CHUNK_MONTHS * Draw_count / NUMBERS_PER_STEP)

#define MULTIPLIER_0 UINT64_C(0xD2E7470EE14C6C93)
#define MULTIPLIER_1 UINT64_C(0xCA5A826395121157)
#define KEY_STEP_0 UINT64_C(0x9E3779B97F4A7C15)
#define KEY_STEP_1 UINT64_C(0xBB67AE8584CAA73B)

#define UNIT (1.0 / 9007199254740992.0)        /* 2**-53 */
#define HALF_UNIT (1.0 / 18014398509481984.0) /* keeps a quantile off 0 and 1 */

static inline double unit_double(uint64_t number)
{
    return (double)(number >> 11) * UNIT;
}

/* Return the lower half of a product of 128 bits; leave the upper one in *high.  From halves of
   its factors, because no instruction multiplies packed numbers of 64 bits to 128. */
static inline uint64_t product(uint64_t a, uint64_t b, uint64_t *high)
{
    const uint64_t a_low = (uint32_t)a, a_high = a >> 32;
    const uint64_t b_low = (uint32_t)b, b_high = b >> 32;
    const uint64_t low = a_low * b_low;
    const uint64_t middle = a_high * b_low + (low >> 32);
    const uint64_t other = a_low * b_high + (uint32_t)middle;
    *high = a_high * b_high + (middle >> 32) + (other >> 32);
    return (other << 32) | (uint32_t)low;
}

/* Leave the four numbers of one step of the counter of every run in a row each. */
static void draw_step(double *restrict row_0, double *restrict row_1, double *restrict row_2,
                      double *restrict row_3, const uint64_t key[2], uint64_t first,
                      uint64_t chunk)
{
    EACH_RUN {
        uint64_t c0 = first + (uint64_t)run * STEPS_PER_REPLICATE, c1 = 0, c2 = chunk, c3 = 0;
        uint64_t k0 = key[0], k1 = key[1];
#pragma GCC unroll 10
        for (int round = 0; round < ROUNDS; round++) {
            uint64_t high_0, high_1;
            uint64_t low_0 = product(MULTIPLIER_0, c0, &high_0);
            uint64_t low_1 = product(MULTIPLIER_1, c2, &high_1);
            c0 = high_1 ^ c1 ^ k0;
            c2 = high_0 ^ c3 ^ k1;
            c1 = low_1;
            c3 = low_0;
            k0 += KEY_STEP_0;
            k1 += KEY_STEP_1;
        }
        row_0[run] = unit_double(c0);
        row_1[run] = unit_double(c1);
        row_2[run] = unit_double(c2);
        row_3[run] = unit_double(c3);
    }
}

static void make_normal(double *row)
{
    EACH_RUN {
        double p = row[run] + HALF_UNIT;
        row[run] = quantile_in_tails(p, quantile_in_centre(p));
    }
}

void fill_draws(Draws *months, const Streams *streams, int chunk, int first_replicate)
{
    /* NumPy steps the counter before its first use. */
    const uint64_t first = (uint64_t)first_replicate * STEPS_PER_REPLICATE + 1;
    for (int pair = 0; pair < PAIRS; pair++) {
        for (int step = 0; step < STEPS_PER_REPLICATE; step++) {
            double *row[NUMBERS_PER_STEP];
            for (int n = 0; n < NUMBERS_PER_STEP; n++) {
                const int number = step * NUMBERS_PER_STEP + n;
                int kind = number % Draw_count;
                if (streams->swapped[pair] && kind >= Draw_innovation_first)
                    kind ^= 1;
                row[n] = months[number / Draw_count][kind][pair];
            }
            draw_step(row[0], row[1], row[2], row[3], streams->key[pair],
                      first + (uint64_t)step, (uint64_t)chunk);
        }
        for (int month = 0; month < CHUNK_MONTHS; month++) {
            make_normal(months[month][Draw_innovation_first][pair]);
            make_normal(months[month][Draw_innovation_second][pair]);
        }
    }
}
