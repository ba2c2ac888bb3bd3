import Nest

@Module(providers: [MailFolder.self, WebhookQueue.self, WebhookSender.self], controllers: [Notifications.self])
enum NotificationsModule {}
