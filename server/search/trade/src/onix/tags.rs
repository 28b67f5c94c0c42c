//! The elements that are read, by both their names.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Reference names and short tags (ONIX for Books 3.1, "Specification"). What is not here is passed over.
const TAGS: [(&str, &str); 106] = [
    ("AlternativeName", "alternativename"),
    ("BiographicalNote", "b044"),
    ("CollateralDetail", "collateraldetail"),
    ("Collection", "collection"),
    ("CollectionSequence", "collectionsequence"),
    ("CollectionSequenceNumber", "x481"),
    ("CollectionSequenceType", "x479"),
    ("ContentAudience", "x427"),
    ("Contributor", "contributor"),
    ("ContributorRole", "b035"),
    ("CorporateName", "b047"),
    ("CorporateNameInverted", "x443"),
    ("CurrencyCode", "j152"),
    ("Date", "b306"),
    ("DateFormat", "j260"),
    ("DefaultCurrencyCode", "m186"),
    ("DefaultLanguageOfText", "m184"),
    ("DefaultPriceType", "x310"),
    ("DescriptiveDetail", "descriptivedetail"),
    ("Extent", "extent"),
    ("ExtentType", "b218"),
    ("ExtentUnit", "b220"),
    ("ExtentValue", "b219"),
    ("Header", "header"),
    ("IDValue", "b244"),
    ("Imprint", "imprint"),
    ("ImprintName", "b079"),
    ("KeyNames", "b040"),
    ("Language", "language"),
    ("LanguageCode", "b252"),
    ("LanguageRole", "b253"),
    ("MainSubject", "x425"),
    ("Market", "market"),
    ("MarketDate", "marketdate"),
    ("MarketDateRole", "j408"),
    ("MarketPublishingDetail", "marketpublishingdetail"),
    ("Measure", "measure"),
    ("MeasureType", "x315"),
    ("MeasureUnitCode", "c095"),
    ("Measurement", "c094"),
    ("MinimumOrderQuantity", "j263"),
    ("NameIDType", "x415"),
    ("NameIdentifier", "nameidentifier"),
    ("NamesAfterKey", "b041"),
    ("NamesBeforeKey", "b039"),
    ("NotificationType", "a002"),
    ("PartNumber", "x410"),
    ("PersonName", "b036"),
    ("PersonNameInverted", "b037"),
    ("PrefixToKey", "b247"),
    ("Price", "price"),
    ("PriceAmount", "j151"),
    ("PriceCondition", "pricecondition"),
    ("PriceDate", "pricedate"),
    ("PriceDateRole", "x476"),
    ("PriceQualifier", "j261"),
    ("PriceType", "x462"),
    ("Product", "product"),
    ("ProductAvailability", "j396"),
    ("ProductForm", "b012"),
    ("ProductIDType", "b221"),
    ("ProductIdentifier", "productidentifier"),
    ("ProductSupply", "productsupply"),
    ("Publisher", "publisher"),
    ("PublisherName", "b081"),
    ("PublishingDate", "publishingdate"),
    ("PublishingDateRole", "x448"),
    ("PublishingDetail", "publishingdetail"),
    ("PublishingRole", "b291"),
    ("PublishingStatus", "b394"),
    ("RecordReference", "a001"),
    ("RelatedMaterial", "relatedmaterial"),
    ("RelatedWork", "relatedwork"),
    ("SequenceNumber", "b034"),
    ("Subject", "subject"),
    ("SubjectCode", "b069"),
    ("SubjectHeadingText", "b070"),
    ("SubjectSchemeIdentifier", "b067"),
    ("Subtitle", "b029"),
    ("SuffixToKey", "b248"),
    ("SupplyDate", "supplydate"),
    ("SupplyDateRole", "x461"),
    ("SupplyDetail", "supplydetail"),
    ("Tax", "tax"),
    ("TaxAmount", "x474"),
    ("TaxRatePercent", "x472"),
    ("TaxableAmount", "x473"),
    ("Text", "d104"),
    ("TextContent", "textcontent"),
    ("TextType", "x426"),
    ("TitleDetail", "titledetail"),
    ("TitleElement", "titleelement"),
    ("TitleElementLevel", "x409"),
    ("TitlePrefix", "b030"),
    ("TitleText", "b203"),
    ("TitleType", "b202"),
    ("TitleWithoutPrefix", "b031"),
    ("UnpricedItemType", "j192"),
    ("WorkIDType", "b201"),
    ("WorkIdentifier", "workidentifier"),
    ("WorkRelationCode", "x454"),
    ("YearOfAnnual", "b020"),
    // Only in ONIX 2.1, by which it is known.
    ("EpubType", "b211"),
    ("PublicationDate", "b003"),
    ("Series", "series"),
    ("Title", "title"),
];

static REFERENCE_NAMES: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| TAGS.iter().flat_map(|&(name, short)| [(name, name), (short, name)]).collect());

/// The reference name of a tag in either form.
pub(super) fn reference_name(tag: &str) -> Option<&'static str> {
    REFERENCE_NAMES.get(tag).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_lead_to_one_element_and_none_to_two() {
        assert_eq!(REFERENCE_NAMES.len(), 2 * TAGS.len());
        assert_eq!(reference_name("b203"), Some("TitleText"));
        assert_eq!(reference_name("TitleText"), Some("TitleText"));
        assert_eq!(reference_name("titletext"), None);
    }
}
