/* Cholesky's factor of a symmetric, positive definite matrix of n rows, row by row. The lower
 * triangle is read and written, the upper one left alone. */
#ifndef SM_EVAL_CHOLESKY_H
#define SM_EVAL_CHOLESKY_H

#include <stddef.h>

/* Replaces h by l, where l l' = h. */
void sm_cholesky(double *h, size_t n);

/* Replaces x by the solution of l l' y = x, or of only one of the two factors. */
void sm_cholesky_solve(const double *l, size_t n, double *x);
void sm_cholesky_forward(const double *l, size_t n, double *x);  /* l y = x */
void sm_cholesky_backward(const double *l, size_t n, double *x); /* l' y = x */

/* The logarithm of the determinant of l l'. */
double sm_cholesky_log_det(const double *l, size_t n);

#endif
