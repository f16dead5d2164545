#include "frontend/net/conn_io.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

enum { RECORD = 16 * 1024 };	/* what one TLS record can hold */

static enum io_result
tls_result(SSL *ssl, int result)
{
	switch (SSL_get_error(ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return IO_NEEDS_READ;
	case SSL_ERROR_WANT_WRITE:
		return IO_NEEDS_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return IO_END;
	default:
		ERR_clear_error();
		return IO_BROKEN;
	}
}

static enum io_result
socket_result(enum io_result again)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? again : IO_BROKEN;
}

enum io_result
io_receive(int fd, SSL *ssl, char *at, size_t room, size_t *out_len)
{
	if (ssl) {
		ERR_clear_error();
		int result = SSL_read_ex(ssl, at, room, out_len);
		return result == 1 ? IO_DONE : tls_result(ssl, result);
	}
	ssize_t n = recv(fd, at, room, 0);
	if (n < 0)
		return socket_result(IO_NEEDS_READ);
	*out_len = (size_t)n;
	return n ? IO_DONE : IO_END;
}

bool
io_has_more(SSL *ssl)
{
	return ssl && SSL_has_pending(ssl);
}

/* What the next record carries: the first piece if it is big, else as much as fits, put together. */
static struct span
next_record(struct evbuffer *out, char *scratch)
{
	struct evbuffer_iovec first;
	evbuffer_peek(out, 1, NULL, &first, 1);
	if (first.iov_len >= RECORD || first.iov_len == evbuffer_get_length(out))
		return span_of(first.iov_base, first.iov_len < RECORD ? first.iov_len : RECORD);
	return span_of(scratch, (size_t)evbuffer_copyout(out, scratch, RECORD));
}

static enum io_result
tls_send(SSL *ssl, struct evbuffer *out, char *scratch, size_t *out_sent)
{
	while (evbuffer_get_length(out)) {
		struct span record = next_record(out, scratch);
		size_t sent;
		ERR_clear_error();
		int result = SSL_write_ex(ssl, record.at, record.len, &sent);
		if (result != 1)
			return tls_result(ssl, result);
		evbuffer_drain(out, sent);
		*out_sent += sent;
	}
	return IO_DONE;
}

enum io_result
io_send(int fd, SSL *ssl, struct evbuffer *out, char *scratch, size_t *out_sent)
{
	*out_sent = 0;
	if (ssl)
		return tls_send(ssl, out, scratch, out_sent);
	while (evbuffer_get_length(out)) {
		int n = evbuffer_write(out, fd);
		if (n < 0)
			return socket_result(IO_NEEDS_WRITE);
		*out_sent += (size_t)n;
	}
	return IO_DONE;
}

enum io_result
io_handshake(SSL *ssl, const char **out_why)
{
	ERR_clear_error();
	int result = SSL_do_handshake(ssl);
	if (result == 1)
		return IO_DONE;
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	*out_why = reason ? reason : "connection lost";
	return tls_result(ssl, result);
}
