#include "lib/eval/cholesky.h"

#include <math.h>

void sm_cholesky(double *h, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k <= i; k++) {
            double sum = h[i * n + k];
            for (size_t j = 0; j < k; j++)
                sum -= h[i * n + j] * h[k * n + j];
            h[i * n + k] = i == k ? sqrt(sum) : sum / h[k * n + k];
        }
    }
}

void sm_cholesky_forward(const double *l, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            x[i] -= l[i * n + k] * x[k];
        x[i] /= l[i * n + i];
    }
}

void sm_cholesky_backward(const double *l, size_t n, double *x)
{
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            x[i] -= l[k * n + i] * x[k];
        x[i] /= l[i * n + i];
    }
}

void sm_cholesky_solve(const double *l, size_t n, double *x)
{
    sm_cholesky_forward(l, n, x);
    sm_cholesky_backward(l, n, x);
}

double sm_cholesky_log_det(const double *l, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += 2 * log(l[i * n + i]);
    return sum;
}
