import Nest

@Module(providers: [AuditTrail.self], controllers: [Audit.self])
enum AuditModule {}
