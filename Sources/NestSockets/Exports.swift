// What uses sockets speaks of errors, durations and logs in the words of messaging.
@_exported public import NestMessaging
