/*
 * screen - a sample of `top` on a terminal
 *
 *	screen_begin();
 *	screen_draw(sample, RATES_BY_RATE, 2000, false);
 *	key = screen_key(2000);
 *	screen_end();
 *
 * ncurses does the drawing: only what changed is sent, which makes it bearable over a slow line.
 */
#ifndef CTL_SCREEN_H
#define CTL_SCREEN_H

#include "tools/ctl/rates.h"

/* False: this is no terminal, or not one that is known (TERM). */
bool screen_begin(void);
void screen_end(void);

/* `paused`: what is shown is not new. */
void screen_draw(const json_t *sample, enum rates_order order, int64_t interval_ms, bool paused);
enum { SCREEN_GONE = -1 };

/* What was pressed within `ms`; 0: nothing; SCREEN_GONE: there is no terminal any more. A window that changed its size is a key, too. */
int screen_key(int64_t ms);

/* The same as text: what is drawn, and what is printed where there is no screen. */
void screen_print(FILE *to, const json_t *sample, enum rates_order order);

#endif
