use crate::ccm::*;
use crate::http::HttpRequest;

fn at(uri: &str) -> (Role, Application, Demand, bool) {
    let place = place(uri).unwrap_or_else(|| panic!("{uri}"));
    (place.role, place.application, place.demand, place.through_gateway)
}

#[test]
fn paths_name_role_application_and_what_they_demand() {
    use Role::*;
    let direct = [
        ("/ccm_system/request", ManagementPoint, Application::Messaging, Demand::None),
        ("/CCM_System_WindowsAuth/request", ManagementPoint, Application::Messaging, Demand::Windows),
        ("/ccm_system_AltAuth/request", ManagementPoint, Application::Messaging, Demand::NoCertificate),
        ("/ccm_system_tokenauth/request", ManagementPoint, Application::Messaging, Demand::Token),
        (
            "http://mp1.example.test/SMS_MP/.sms_aut?MPLIST",
            ManagementPoint,
            Application::SiteData,
            Demand::None,
        ),
        (
            "/sms_mp_windowsauth/.sms_pol?%7Bx%7D.1_00",
            ManagementPoint,
            Application::PolicyBody,
            Demand::Windows,
        ),
        ("/SMS_MP/.sms_dcm?Id&DocumentId=x", ManagementPoint, Application::ConfigurationItem, Demand::None),
        ("/CCM_Incoming/{1}/1.msg", ManagementPoint, Application::Upload, Demand::None),
        ("/CCM_Client/ccmsetup.cab", ManagementPoint, Application::ClientFiles, Demand::None),
        ("/CCM_STS", ManagementPoint, Application::TokenService, Demand::None),
        ("/CMUserService_WindowsAuth/x.asmx", ManagementPoint, Application::UserService, Demand::Windows),
        ("/bgb/handler.ashx?RequestType=LogIn", Notification, Application::Notification, Demand::None),
        ("/SMS_FSP/.sms_fsp", FallbackStatusPoint, Application::FallbackStatus, Demand::None),
        ("/SMS_DP_SMSPKG$/ABC00001/setup.exe", DistributionPoint, Application::Content, Demand::None),
        ("/SMS_DP_SMSPKG%24/ABC00001/sccm?/setup.exe", DistributionPoint, Application::Content, Demand::None),
        ("/NOCERT_SMS_DP_SMSPKG$/ABC00001", DistributionPoint, Application::Content, Demand::NoCertificate),
        (
            "/CCMTOKENAUTH_SMS_DP_SMSSIG$/x.1.tar",
            DistributionPoint,
            Application::ContentSignature,
            Demand::Token,
        ),
        ("https://peer:8003/SCCM_BranchCache$/x", DistributionPoint, Application::PeerContent, Demand::None),
        ("/ClientWebService/client.asmx", SoftwareUpdatePoint, Application::UpdateService, Demand::None),
        (
            "/ClientWebService/WusServerVersion.xml",
            SoftwareUpdatePoint,
            Application::UpdateService,
            Demand::None,
        ),
        (
            "/ReportingWebService/ReportingWebService.asmx",
            SoftwareUpdatePoint,
            Application::UpdateService,
            Demand::None,
        ),
        (
            "/selfupdate/WSUS3/x64/Other/wsus3setup.cab",
            SoftwareUpdatePoint,
            Application::UpdateFiles,
            Demand::None,
        ),
        ("/SelfUpdate/wuident.cab", SoftwareUpdatePoint, Application::UpdateFiles, Demand::None),
        (
            "/Content/1F/0123456789ABCDEF0123456789ABCDEF01234567.cab",
            SoftwareUpdatePoint,
            Application::UpdateFiles,
            Demand::None,
        ),
        (
            "/ApiRemoting30/WebService.asmx",
            SoftwareUpdatePoint,
            Application::UpdateAdministration,
            Demand::None,
        ),
        ("/AdminService_TokenAuth/wmi/SMS_Site", AdminService, Application::AdminService, Demand::Token),
        ("/EnrollmentServer/", Enrolment, Application::Enrolment, Demand::None),
        ("/pki/Issuing.crl", RevocationLists, Application::RevocationList, Demand::None),
    ];
    for (uri, role, application, demand) in direct {
        assert_eq!(at(uri), (role, application, demand, false), "{uri}");
    }
}

#[test]
fn the_gateway_is_looked_through() {
    let proxied = "/CCM_Proxy_MutualAuth/72057594037928100/CCM_System/request";
    assert_eq!(at(proxied), (Role::ManagementPoint, Application::Messaging, Demand::Certificate, true));
    let proxied = "/CCM_Proxy_ServerAuth/72057594037928100/ccm_system_tokenauth/request";
    assert_eq!(at(proxied), (Role::ManagementPoint, Application::Messaging, Demand::Token, true));
    let itself = "/CCM_Proxy_ServerAuth/AADAuthInfo?TenantID=x";
    assert_eq!(at(itself), (Role::CloudManagementGateway, Application::Gateway, Demand::None, true));
}

#[test]
fn every_name_of_an_application_is_known_by_how_it_begins() {
    use Application::*;
    for (name, application) in [
        ("CMUserService", UserService),
        ("CMApplicationCatalog", UserService),
        ("CMApplicationCatalogSvc", UserService),
        ("DownloadRestService.svc", CloudContent),
        ("EnrollmentService", Enrolment),
        ("ApiRemoting30", UpdateAdministration),
        ("ServerSyncWebService", UpdateAdministration),
        ("DssAuthWebService", UpdateAdministration),
        ("SimpleAuthWebService/SimpleAuth.asmx", UpdateService),
        ("ClientWebService/Client.asmx", UpdateService),
        ("ReportingWebService/ReportingWebService.asmx", UpdateService),
        ("SMS_SMP", StateMigration),
        ("BGB/handler.ashx", Notification),
        ("SCCM_BranchCache$", PeerContent),
        ("NOCERT_SMS_DP_SMSSIG$", ContentSignature),
        ("%43CM_Client", ClientFiles),
        ("pki/Issuing.%63rl", RevocationList),
    ] {
        assert_eq!(at(&format!("//{name}")).1, application, "{name}");
    }
}

#[test]
fn ordinary_paths_have_no_place() {
    for uri in [
        "/",
        "*",
        "",
        "/index.html",
        "/ccm",
        "/content/page",
        "/Content/css/site.css",
        "/a%zz%",
        "/.crl",
        "/x/ccm_system/request",
        "/go/http://host/SMS_MP/.sms_aut?MPLIST",
        "/content/0a/0a23456789abcdef0123456789abcdef01234567.js",
        "/selfupdate/tool/version.json",
        "/ClientWebService/Orders.svc",
        "host:443",
        "/sms_mpx/.sms_aut?MPLIST",
        "http://host",
    ] {
        assert_eq!(place(uri), None, "{uri}");
    }
}

#[test]
fn queries_are_split_into_command_and_argument() {
    let query = |uri| site_query(uri);
    assert_eq!(query("/SMS_MP/.sms_aut?mplist1&ABC"), Some(("MPLIST1".to_owned(), Some("ABC".to_owned()))));
    assert_eq!(query("/SMS_MP/.sms_aut?MPTRK"), Some(("MPTRK".to_owned(), None)));
    assert_eq!(query("/SMS_MP/.sms_aut"), None);
    assert_eq!(query("/SMS_MP/.sms_pol?MPTRK"), None);
}

#[test]
fn only_bodies_that_say_something_are_wanted() {
    let wanted = |method: &str, uri: &str| {
        let request =
            HttpRequest { method: method.to_owned(), uri: uri.to_owned(), ..HttpRequest::default() };
        let Interest { request_body, response_body } = interest(&request);
        (request_body, response_body)
    };
    assert_eq!(wanted("CCM_POST", "/ccm_system/request"), (true, true));
    assert_eq!(wanted("CCM_POST", "http://mp/elsewhere"), (true, true));
    assert_eq!(wanted("POST", "/SMS_FSP/.sms_fsp"), (true, false));
    assert_eq!(wanted("GET", "/SMS_MP/.sms_aut?MPLIST"), (false, true));
    for uri in
        ["/SMS_DP_SMSPKG$/ABC00001/a.exe", "/SMS_MP/.sms_pol?x", "/CCM_Client/ccmsetup.cab", "/", "/x.crl"]
    {
        assert_eq!(wanted("GET", uri), (false, false), "{uri}");
    }
    assert_eq!(wanted("BITS_POST", "/CCM_Incoming/x.msg"), (false, false));
    assert_eq!(wanted("POST", "/ClientWebService/client.asmx"), (false, false));
}
