import NestRedis
import Testing

@Suite("Redis options") struct RedisOptionsTests {
    @Test("show no password")
    func secrets() {
        var options = RedisOptions()
        options.credentials = RedisCredentials(user: "app", password: .value("s3cret"))
        #expect(!"\(options)".contains("s3cret"))
    }
}
