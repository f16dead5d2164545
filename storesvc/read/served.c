/*
 * served.c - a stretch of a message's file as IMAP sends it
 *
 * A chunk begins one byte before the place, because whether an LF needs a CR
 * depends on the byte before it.
 */
#include "storesvc/read/served.h"

#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "mail/line_ends.h"
#include "storesvc/read/place_memory.h"

#define CHUNK (64u << 10)
#define WORTH_REMEMBERING (64u << 10)	/* scanning so much again would be felt */

void
served_init(struct served *s)
{
	*s = (struct served){ 0 };
}

void
served_release(struct served *s)
{
	free(s->chunk);
	s->chunk = NULL;
}

void
served_begin(struct served *s, const struct message_file *file, struct mime_range range)
{
	s->file = file;
	s->begin = range.at < file->size ? range.at : file->size;
	s->end = range.len < file->size - s->begin ? s->begin + range.len : file->size;
	s->chunk_len = 0;
	served_go(s, s->begin, 0);
}

void
served_go(struct served *s, uint64_t disk, uint64_t served)
{
	s->disk = disk < s->begin ? s->begin : disk > s->end ? s->end : disk;
	s->served = served;
	s->in_crlf = false;
}

static size_t
read_at(const struct message_file *file, char *out, size_t len, uint64_t at)
{
	ssize_t n;

	do
		n = pread(file->fd, out, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		log_error("reading a message: %s", strerror(errno));
	return n > 0 ? (size_t)n : 0;
}

/* The chunk as text with the place in it; false at the end. */
static bool
chunk_here(struct served *s, struct span *text, struct line_place *place)
{
	if (s->disk >= s->end)
		return false;
	uint64_t from = s->disk > s->begin ? s->disk - 1 : s->disk;
	if (from < s->chunk_at || s->disk >= s->chunk_at + s->chunk_len) {
		uint64_t want = s->end - from;
		if (!s->chunk)
			s->chunk = mem_alloc(CHUNK);
		s->chunk_at = from;
		s->chunk_len = read_at(s->file, s->chunk, want < CHUNK ? (size_t)want : CHUNK, from);
		if (s->disk >= s->chunk_at + s->chunk_len)
			return false;
	}
	*text = span_of(s->chunk, s->chunk_len);
	*place = (struct line_place){
		.disk = s->disk - s->chunk_at, .served = s->served, .in_crlf = s->in_crlf,
	};
	return true;
}

static void
place_is(struct served *s, const struct line_place *place)
{
	s->disk = s->chunk_at + place->disk;
	s->served = place->served;
	s->in_crlf = place->in_crlf;
}

static void
skip_raw(struct served *s, uint64_t served)
{
	uint64_t all = s->end - s->begin;

	served_go(s, s->begin + (served < all ? served : all), served < all ? served : all);
}

void
served_skip(struct served *s, uint64_t served)
{
	struct span text;
	struct line_place place;

	if (s->file->raw) {
		skip_raw(s, served);
		return;
	}
	if (served >= WORTH_REMEMBERING)
		place_recall(s->file, s->begin, served, &s->disk, &s->served);
	while (s->served < served && chunk_here(s, &text, &place)) {
		line_place_seek(&place, text, served);
		place_is(s, &place);
	}
}

static size_t
read_raw(struct served *s, char *out, size_t room)
{
	uint64_t left = s->end - s->disk;
	size_t n = read_at(s->file, out, left < room ? (size_t)left : room, s->disk);

	s->disk += n;
	s->served += n;
	return n;
}

size_t
served_read(struct served *s, char *out, size_t room)
{
	struct span text;
	struct line_place place;
	size_t done = 0;

	while (done < room) {
		size_t n = 0;
		if (s->file->raw) {
			n = read_raw(s, out + done, room - done);
		} else if (chunk_here(s, &text, &place)) {
			n = lf_to_crlf(&place, text, out + done, room - done);
			place_is(s, &place);
		}
		if (n == 0)
			break;
		done += n;
	}
	if (!s->file->raw && !s->in_crlf && s->served >= WORTH_REMEMBERING && s->disk < s->end)
		place_remember(s->file, s->begin, s->disk, s->served);
	return done;
}

size_t
served_untear(struct served *s)
{
	if (!s->in_crlf)
		return 0;
	s->in_crlf = false;
	s->served--;
	return 1;
}
