// Presence documents for tests: what real clients publish, and documents written to try one thing each. All are
// good; the bad ones stand in the tests that refuse them.
#pragma once

#include <array>
#include <string_view>

namespace vedette::support {

// As recorded from baresip 1.0. (Long lines of the recordings are broken between attributes.)
inline constexpr std::string_view kBaresipBody =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf"
    xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
    xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"
    entity="sip:alice@presence.test">
  <dm:person id="p4159"><rpid:activities/></dm:person>
  <tuple id="t4109">
    <status>
      <basic>open</basic>
    </status>
    <contact>sip:alice@presence.test</contact>
  </tuple>
</presence>
)";

// As recorded from Linphone 5.1; the unprefixed timestamp within the person is its own.
inline constexpr std::string_view kLinphoneBody =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:bob@presence.test" xmlns="urn:ietf:params:xml:ns:pidf">
 <tuple id="r81w4q">
  <status>
   <basic>open</basic>
  </status>
  <contact priority="0.8">sip:bob@presence.test</contact>
  <timestamp>2026-11-22T18:08:59Z</timestamp>
 </tuple>
 <dm:person id="x4i4ud">
  <rpid:activities>
   <rpid:on-the-phone/>
  </rpid:activities>
  <timestamp>2026-11-22T18:08:59Z</timestamp>
 </dm:person>
</presence>
)";

inline constexpr std::string_view kLinphoneOnlineBody =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"
 xmlns:pidfonline="http://www.linphone.org/xsds/pidfonline.xsd"
 entity="sip:alice@presence.test" xmlns="urn:ietf:params:xml:ns:pidf">
 <tuple id="ru-ldf">
  <status>
   <basic>open</basic>
   <pidfonline:online/>
  </status>
  <contact priority="0.8">sip:alice@presence.test</contact>
  <timestamp>2026-11-22T18:08:51Z</timestamp>
 </tuple>
</presence>
)";

// As recorded from JsSIP with a publisher of its own.
inline constexpr std::string_view kJssipBody =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:bob@presence.test"
><tuple id="t1"><status><basic>open</basic></status></tuple></presence>
)";

// Every namespace we know, under prefixes that nobody uses for them, and two we do not know.
inline constexpr std::string_view kOddPrefixesBody =
    R"(<p:presence xmlns:p='urn:ietf:params:xml:ns:pidf' xmlns='urn:example:away' entity='sip:carol@example.com'
  xmlns:dm="urn:ietf:params:xml:ns:pidf:rpid" xmlns:rpid="urn:ietf:params:xml:ns:pidf:data-model"
  xmlns:c="urn:ietf:params:xml:ns:pidf:cipid" xmlns:t="urn:ietf:params:xml:ns:pidf:timed-status"
  xmlns:ns01="urn:ietf:params:xml:ns:pidf:caps" xmlns:ci="urn:example:ci?a=1&amp;b='2'">
  <p:tuple id="carol-1"><p:status><p:basic> open
  </p:basic><ci:loud ci:by="5&lt;6" by='"q"'/><lunch p:mustUnderstand="1" xml:lang="de">Mahlzeit</lunch></p:status>
  <ns01:servcaps>
  <ns01:audio>true</ns01:audio></ns01:servcaps>
  <p:contact priority="1.0">sip:carol@[2001:db8::1]</p:contact>
  <p:note xml:lang="en">at &#60;the&#x20;desk&gt; &amp; awake</p:note>
  </p:tuple>
  <rpid:person id="p1"><dm:mood><dm:happy></dm:happy><ns01:x/></dm:mood>
  <c:homepage>http://example.com/?a&amp;b</c:homepage>
  <t:timed-status from="2026-11-22T18:08:59Z"/>
  <lunch><plain xmlns=""><deeper><p:note>x</p:note></deeper></plain></lunch></rpid:person>
  <rpid:device id="d1"><rpid:deviceID> urn:device:0003ba4811e3 </rpid:deviceID></rpid:device>
  <p:note>f&#252;r &#x1F600; alle]]<![CDATA[ <raw>&amp; ]]></p:note><lunch/></p:presence>)";

// RFC 4480 §4's richest elements, in short.
inline constexpr std::string_view kRpidBody =
    R"(<?xml version="1.0"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
  xmlns:lt="urn:ietf:params:xml:ns:location-type" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"
  entity="pres:someone@example.com">
 <tuple id="bs35r9"><status><basic>open</basic></status>
  <dm:deviceID>urn:device:0003ba4811e3</dm:deviceID><rpid:relationship><rpid:self/></rpid:relationship>
  <rpid:service-class><rpid:electronic/></rpid:service-class>
  <contact priority="0.8">im:someone@mobile.example.net</contact>
  <note xml:lang="en">Don't Disturb Please!</note><note xml:lang="fr">Ne derangez pas, s'il vous plait</note>
  <timestamp>2005-10-27T16:49:29Z</timestamp></tuple>
 <tuple id="ty4658">
  <status><basic>closed</basic></status><contact priority="1.0">mailto:secretary@example.com</contact></tuple>
 <note>I'll be in Tokyo next week</note>
 <dm:device id="pc147">
  <rpid:user-input idle-threshold="600" last-input="2004-10-21T13:20:00-05:00">idle</rpid:user-input>
  <dm:deviceID>urn:device:0003ba4811e3</dm:deviceID><dm:note>PC</dm:note></dm:device>
 <!-- one person -->
 <dm:person id="p1"><rpid:activities from="2005-05-30T12:00:00+05:00" until="2005-05-30T17:00:00+05:00">
  <rpid:note>Far away</rpid:note><rpid:away/></rpid:activities><rpid:class>calendar</rpid:class>
  <rpid:place-type><lt:residence/></rpid:place-type><rpid:status-icon>http://example.com/mail.png</rpid:status-icon>
  <rpid:time-offset>-240</rpid:time-offset></dm:person>
</presence>)";

inline constexpr std::array<std::string_view, 6> kPidfCorpus = {kBaresipBody, kLinphoneBody,    kLinphoneOnlineBody,
                                                                kJssipBody,   kOddPrefixesBody, kRpidBody};

}  // namespace vedette::support
