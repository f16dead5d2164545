/*
 * version - what --version and Health say
 */
#ifndef SERVICE_VERSION_H
#define SERVICE_VERSION_H

#define POSTHOUSE_VERSION "0.1"

#endif
